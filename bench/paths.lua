-- wrk script: ask for the addresses of a file in random order; count answers that were not the wanted status.
--   wrk -s bench/paths.lua URL -- FILE STATUS [gzip]
-- The seed is the clock's, so that rounds differ; both sides of a comparison use this script.
local paths, wanted, wrong = {}, 200, 0
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  for line in io.lines(arguments[1]) do paths[#paths + 1] = line end
  wanted = tonumber(arguments[2])
  if arguments[3] == "gzip" then wrk.headers["Accept-Encoding"] = "gzip" end
  wrk.headers["Accept"] = "text/html"
  math.randomseed(os.time())
  wrong_answers = 0
end

function request()
  return wrk.format("GET", paths[math.random(#paths)])
end

function response(status)
  if status ~= wanted then wrong_answers = wrong_answers + 1 end
end

function done(summary, latency)
  local wrong = 0
  for _, thread in ipairs(threads) do wrong = wrong + thread:get("wrong_answers") end
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    "RESULT {\"rate\": %.1f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"requests\": %d, \"wrong\": %d, \"failed\": %d}\n",
    summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    summary.requests, wrong, failed))
end

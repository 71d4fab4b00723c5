-- wrk script: post the bodies of a file, each once, from a given line on; count answers that were not the wanted status.
--   wrk -s bench/posts.lua URL -- FILE STATUS FIRST
-- A line is a path, a tab and a form body. Lines that were sent and not answered when the time was over are not used again:
-- the caller goes on behind them.
local lines, wanted, place = {}, 303, 0
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  for line in io.lines(arguments[1]) do lines[#lines + 1] = line end
  wanted, place = tonumber(arguments[2]), tonumber(arguments[3])
  wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
  wrk.headers["Sec-Fetch-Site"] = "same-origin"
  wrong_answers, used_up = 0, 0
end

function request()
  place = place + 1
  local line = lines[place]
  if not line then used_up, line = 1, lines[#lines] end
  local path, body = line:match("^(%S+)\t(.*)$")
  return wrk.format("POST", path, nil, body)
end

function response(status)
  if status ~= wanted then wrong_answers = wrong_answers + 1 end
end

function done(summary, latency)
  local wrong, used = 0, 0
  for _, thread in ipairs(threads) do
    wrong = wrong + thread:get("wrong_answers")
    used = used + thread:get("used_up")
  end
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout + used
  io.write(string.format(
    "RESULT {\"rate\": %.1f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"requests\": %d, \"wrong\": %d, \"failed\": %d}\n",
    summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    summary.requests, wrong, failed))
end

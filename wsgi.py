"""The entry for servers and for ``flask --app wsgi``."""

import gc

# What is loaded here stays as long as the process: the collector would walk through the growing heap some five hundred
# times, a sixth of the start. Afterwards it leaves these objects out, so that its full rounds are short as well.
gc.disable()

from webapp import create_app  # noqa: E402 - after the collector is stopped

app = create_app()

gc.collect()
gc.freeze()
gc.enable()

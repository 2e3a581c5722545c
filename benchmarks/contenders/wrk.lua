-- Sends the requests of a file in turn, from the start again when they are used up, and prints one line of JSON.
-- The file is Lua too: a list of whole HTTP requests, made by driving.py.
local list
local at = 0

function init(arguments)
   list = dofile(arguments[1])
end

function request()
   at = at % #list + 1
   return list[at]
end

function done(summary, latency)
   local failed = summary.errors
   io.write(string.format(
      '\n{"requests": %d, "seconds": %.6f, "refused": %d, "failed": %d, "p50": %.3f, "p99": %.3f}\n',
      summary.requests, summary.duration / 1e6, failed.status,
      failed.connect + failed.read + failed.write + failed.timeout,
      latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end

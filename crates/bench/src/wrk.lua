-- Requests from a file, in the order that it says; what is to come back for
-- them is added up.
local asks, sizes, order, at = {}, {}, {}, 0
expected = 0

local threads = {}
function setup(thread) threads[#threads + 1] = thread end

function init(args)
  local file = assert(io.open(args[1], "rb"))
  local count, length = file:read("*n", "*n")
  file:read(1)
  for i = 1, count do
    local bytes, answer = file:read("*n", "*n")
    file:read(1)
    asks[i], sizes[i] = file:read(bytes), answer
  end
  for i = 1, length do order[i] = file:read("*n") end
  file:close()
  at = 0
end

function request()
  at = at % #order + 1
  local i = order[at]
  expected = expected + sizes[i]
  return asks[i]
end

function done(summary, latency, requests)
  local sum = 0
  for _, thread in ipairs(threads) do sum = sum + thread:get("expected") end
  local e = summary.errors
  io.write(string.format(
    'json: {"requests":%d,"seconds":%.6f,"p50_millis":%.4f,"p99_millis":%.4f,"longest_millis":%.4f,' ..
    '"bytes":%.0f,"expected_bytes":%.0f,"errors":%d,"statuses":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, latency.max / 1e3, summary.bytes, sum,
    e.connect + e.read + e.write + e.timeout, e.status))
end

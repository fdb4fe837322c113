--- What differs between two lines, word by word.
local M = {}

-- Of longer lines, and of those that have less in common, everything differs.
local LONGEST, LEAST_IN_COMMON = 2000, 0.3

---@param line string
---@return string[] tokens, integer[] starts in bytes, from zero, one more than tokens
local function tokens_of(line)
  local tokens, starts = {}, {}
  local byte = 1
  while byte <= #line do
    local token = line:match("^[%w_\128-\255]+", byte) or line:match("^%s+", byte) or line:sub(byte, byte)
    table.insert(tokens, token)
    table.insert(starts, byte - 1)
    byte = byte + #token
  end
  table.insert(starts, #line)
  return tokens, starts
end

local function in_lines(tokens)
  return #tokens > 0 and table.concat(tokens, "\n") .. "\n" or ""
end

---@class abstractllm.Span bytes from zero, the end exclusive
---@field [1] integer
---@field [2] integer

---@param spans abstractllm.Span[]
local function length(spans)
  return vim.iter(spans):fold(0, function(sum, span)
    return sum + span[2] - span[1]
  end)
end

--- Return where two lines differ; nowhere where they are different altogether.
---@param old string
---@param new string
---@return abstractllm.Span[] in_old, abstractllm.Span[] in_new
function M.differences(old, new)
  local in_old, in_new = {}, {}
  if #old > LONGEST or #new > LONGEST then
    return in_old, in_new
  end
  local old_tokens, old_starts = tokens_of(old)
  local new_tokens, new_starts = tokens_of(new)
  local changes = vim.diff(in_lines(old_tokens), in_lines(new_tokens), { result_type = "indices" })
  for _, change in ipairs(changes --[[@as integer[][] ]]) do
    local old_first, old_count, new_first, new_count = unpack(change)
    if old_count > 0 then
      table.insert(in_old, { old_starts[old_first], old_starts[old_first + old_count] })
    end
    if new_count > 0 then
      table.insert(in_new, { new_starts[new_first], new_starts[new_first + new_count] })
    end
  end
  local common = #old - length(in_old)
  if common < LEAST_IN_COMMON * math.max(#old, #new) then
    return {}, {}
  end
  return in_old, in_new
end

return M

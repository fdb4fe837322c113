--- Positions in what one language server tells, in the encoding of another.
local positions = require("abstractllm.positions")

local M = {}

---@alias abstractllm.LineOf fun(uri: string, row: integer): string

--- Return what reads lines of documents as the user sees them, each file once.
---@return abstractllm.LineOf
function M.reader()
  local files = {}
  return function(uri, row)
    local path = vim.uri_to_fname(uri)
    local buffer = vim.fn.bufexists(path) == 1 and vim.fn.bufadd(path)
    if buffer and vim.api.nvim_buf_is_loaded(buffer) then
      return vim.api.nvim_buf_get_lines(buffer, row, row + 1, false)[1] or ""
    end
    if not files[path] then
      local could, lines = pcall(vim.fn.readfile, path)
      files[path] = could and lines or {}
    end
    return files[path][row + 1] or ""
  end
end

---@param line string
---@param position lsp.Position
---@param from string
---@param to string
---@return lsp.Position
function M.position(line, position, from, to)
  local byte = positions.to_byte(line, position.character, from)
  return { line = position.line, character = positions.from_byte(line, byte, to) }
end

--- Return a result with all its ranges in another encoding.
---@param value any
---@param uri string of the document that ranges are of unless they say another
---@param convert fun(uri: string, position: lsp.Position): lsp.Position
local function walk(value, uri, convert)
  if type(value) ~= "table" or value == vim.NIL then
    return value
  elseif value.start and value["end"] and value.start.line then
    return { start = convert(uri, value.start), ["end"] = convert(uri, value["end"]) }
  end
  local own = value.uri or value.targetUri or (value.textDocument or {}).uri
  local result = {}
  for key, inner in pairs(value) do
    if key == "changes" then
      result[key] = {}
      for other, edits in pairs(inner) do
        result[key][other] = walk(edits, other, convert)
      end
    else
      result[key] = walk(inner, own or uri, convert)
    end
  end
  return setmetatable(result, getmetatable(value))
end

--- Return a result with all its ranges in another encoding.
---@param result any
---@param uri string of the document it is about
---@param from string
---@param to string
---@param line_of abstractllm.LineOf
function M.result(result, uri, from, to, line_of)
  if from == to then
    return result
  end
  return walk(result, uri, function(document, position)
    return M.position(line_of(document, position.line), position, from, to)
  end)
end

return M

--- Columns and rows of LSP, to and from those of a buffer's lines.
local M = {}

local names_encodings = vim.fn.has("nvim-0.11") == 1

local function is_plain(line)
  return not line:find("[\128-\255]")
end

---@param line string
---@param column integer in units of the encoding; beyond the end is the end
---@param encoding "utf-8"|"utf-16"|"utf-32"
---@return integer # in bytes
function M.to_byte(line, column, encoding)
  if encoding == "utf-8" or is_plain(line) then
    return math.min(column, #line)
  elseif names_encodings then
    return vim.str_byteindex(line, encoding, column, false)
  end
  local is_inside, byte = pcall(vim.str_byteindex, line, column, encoding == "utf-16")
  return is_inside and byte or #line
end

---@param line string
---@param byte integer beyond the end is the end
---@param encoding "utf-8"|"utf-16"|"utf-32"
---@return integer # in units of the encoding
function M.from_byte(line, byte, encoding)
  byte = math.min(byte, #line)
  if encoding == "utf-8" or is_plain(line) then
    return byte
  elseif names_encodings then
    return vim.str_utfindex(line, encoding, byte, false)
  end
  local utf32, utf16 = vim.str_utfindex(line, byte)
  return encoding == "utf-16" and utf16 or utf32
end

-- LSP ends a line at a lone carriage return, where a buffer goes on.
local function add_starts(starts, row, line, ends_with_newline)
  table.insert(starts, { row, 0 })
  for byte in line:gmatch("()\r") do
    if not (byte == #line and ends_with_newline) then
      table.insert(starts, { row, byte })
    end
  end
end

--- Return where LSP's rows begin in a buffer's lines.
---@param lines string[]
---@param format "unix"|"dos"|"mac" of the buffer: how its lines end in the server's text
---@return fun(row: integer): integer, integer # the buffer's row, and a byte in it
function M.rows(lines, format)
  if not vim.iter(lines):any(function(line)
    return line:find("\r", 1, true)
  end) then
    return function(row)
      return row, 0
    end
  end
  local starts = {}
  for index, line in ipairs(lines) do
    add_starts(starts, index - 1, line, format == "unix" and index < #lines)
  end
  return function(row)
    local start = starts[row + 1] or { #lines, 0 }
    return start[1], start[2]
  end
end

return M

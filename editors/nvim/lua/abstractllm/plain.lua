--- Text of others, such as models, files and stored sessions, for where the end of a line
--- or a `%` means something. A buffer takes any text as it is.
local M = {}

local NO_TEXT = {
  "[%z\1-\8\11-\31\127]", -- control characters, but for tabs and line ends
  "\194[\128-\159]", -- C1: U+0080 to U+009F
  "\226\128[\170-\174]", -- what turns text around: U+202A to U+202E
  "\226\129[\166-\169]", -- and U+2066 to U+2069
}

--- Return text in one line, without what is no text.
---@param text string
---@return string
function M.line(text)
  for _, pattern in ipairs(NO_TEXT) do
    text = text:gsub(pattern, "")
  end
  text = text:gsub("\226\128[\168\169]", "\n") -- U+2028 and U+2029 separate lines
  return (text:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", ""))
end

--- Return text in one line of at most so many cells; what is more is left out.
---@param text string
---@param width integer
---@return string
function M.cut(text, width)
  text = M.line(text)
  if vim.fn.strdisplaywidth(text) <= width then
    return text
  end
  text = vim.fn.strcharpart(text, 0, width)
  while text ~= "" and vim.fn.strdisplaywidth(text) >= width do
    text = vim.fn.strcharpart(text, 0, vim.fn.strchars(text) - 1)
  end
  return text .. "…"
end

--- Return text for 'statusline' and 'winbar', whose items, such as `%{…}`, would be run.
---@param text string
---@return string
function M.statusline(text)
  return (M.line(text):gsub("%%", "%%%%"))
end

--- Return a document's name as a person would say it.
---@param uri string
---@return string
function M.file_name(uri)
  if not uri:find("^file:") then
    return (M.line(uri):gsub("^editor:", ""):gsub("^git:", ""))
  end
  return M.line(vim.fn.fnamemodify(vim.uri_to_fname(uri), ":~:."))
end

return M

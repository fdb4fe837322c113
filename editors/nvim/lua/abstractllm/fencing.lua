--- Text of others in a buffer of Markdown.
local M = {}

---@param text string
---@return string[]
function M.split(text)
  return vim.split((text:gsub("\r\n?", "\n"):gsub("%z", "")), "\n", { plain = true })
end

---@param text string
---@param language? string
---@return string[]
function M.fenced(text, language)
  local fence = "```"
  for ticks in text:gmatch("```+") do
    if #ticks >= #fence then
      fence = ticks .. "`"
    end
  end
  local lines = M.split((text:gsub("\n$", "")))
  table.insert(lines, 1, fence .. (language or ""))
  table.insert(lines, fence)
  return lines
end

-- What Markdown would take for emphasis, a link or HTML, and hide.
local MARKUP = { "%*", "~", "<", "%[", "\\", "`", "__", "%f[%w_]_" }

--- Return text for a line, so that Markdown leaves it as it is.
---@param text string in one line
---@return string
function M.as_it_is(text)
  local has_markup = vim.iter(MARKUP):any(function(pattern)
    return text:find(pattern) ~= nil
  end)
  if not has_markup then
    return text
  end
  local ticks = "`"
  while text:find(ticks, 1, true) do
    ticks = ticks .. "`"
  end
  local space = (text:find("^`") or text:find("`$")) and " " or ""
  return ticks .. space .. text .. space .. ticks
end

return M

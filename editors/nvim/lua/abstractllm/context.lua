--- What of the open files goes along with a prompt.
local documents = require("abstractllm.documents")
local rendering = require("abstractllm.rendering")

local M = {}

---@class abstractllm.ContextItem
---@field kind "file"|"range"|"selection"|"open"|"folder"|"changes"|"diagnostics"|"image"
---@field uri? string
---@field range? lsp.Range

---@type table<string, "none"|"path"|"maybe"> what may be named, and whether with a path
M.KINDS = {
  changes = "none",
  diagnostics = "maybe",
  file = "path",
  folder = "maybe",
  image = "path",
  open = "none",
}

--- Return whole lines of a buffer; the server reads their text, unsaved or not.
---@param buffer integer
---@param first integer from one
---@param last integer inclusive
---@return abstractllm.ContextItem
function M.selection(buffer, first, last)
  local range = {
    start = { line = first - 1, character = 0 },
    ["end"] = { line = last, character = 0 },
  }
  return { kind = "selection", uri = documents.uri(buffer), range = range }
end

--- Return what a user names, such as `folder` and `src`.
---@param kind string
---@param path string empty for none
---@return abstractllm.ContextItem? item, string? failure a sentence
function M.named(kind, path)
  local takes = M.KINDS[kind]
  if kind == "" then
    return nil, "What goes along? <Tab> lists what can."
  elseif not takes then
    return nil, ("`%s` cannot go along; <Tab> lists what can."):format(kind)
  elseif takes == "path" and path == "" then
    return nil, ("Which one? Write `:AbstractLLM context %s {path}`."):format(kind)
  elseif takes == "none" and path ~= "" then
    return nil, ("`%s` takes no path."):format(kind)
  end
  if path == "" and kind == "folder" then
    path = "."
  end
  local full = path ~= "" and vim.fs.normalize(vim.fn.fnamemodify(vim.fn.expand(path), ":p"))
  return { kind = kind, uri = full and vim.uri_from_fname((full:gsub("(.)/$", "%1"))) or nil }
end

---@param item abstractllm.ContextItem
---@return string # as a person would say it
function M.place(item)
  if not item.uri then
    return item.kind
  end
  local range = item.range
  local place = rendering.place(item.uri, range and { start = range.start.line, ["end"] = range["end"].line })
  return item.kind == "diagnostics" and "diagnostics of " .. place or place
end

return M

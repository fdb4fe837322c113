--- What the user is told, in one line each.
local plain = require("abstractllm.plain")

local M = {}

local SHORTEST = 20

local function show(sentence, level)
  vim.notify(plain.line(sentence), level, { title = "AbstractLLM" })
end

--- Tell what nobody has just asked for: cut, as Neovim waits for a key after more than
--- the command line holds.
---@param sentence string
---@param rest? string what is told whole, after it
function M.news(sentence, rest)
  rest = rest or ""
  local room = vim.v.echospace - vim.fn.strdisplaywidth(rest)
  show(plain.cut(sentence, math.max(room, SHORTEST)) .. rest, vim.log.levels.WARN)
end

---@param sentence string
function M.info(sentence)
  show(sentence, vim.log.levels.INFO)
end

---@param sentence string
function M.warning(sentence)
  show(sentence, vim.log.levels.WARN)
end

---@param sentence string
function M.error(sentence)
  show(sentence, vim.log.levels.ERROR)
end

---@param error {message: string} as the server answers
function M.show_error(error)
  M.error(error.message)
end

---@param params {type: lsp.MessageType, message: string} of `window/showMessage`
function M.show_message(params)
  local types = vim.lsp.protocol.MessageType
  local levels = { [types.Error] = vim.log.levels.ERROR, [types.Warning] = vim.log.levels.WARN }
  show(params.message, levels[params.type] or vim.log.levels.INFO)
end

return M

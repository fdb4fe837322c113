--- What the user is told, in one line each.
local plain = require("abstractllm.plain")

local M = {}

local function show(sentence, level)
  vim.notify(plain.line(sentence), level, { title = "AbstractLLM" })
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

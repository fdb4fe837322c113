local M = {}

local function show(sentence, level)
  vim.notify((sentence:gsub("%s*\n%s*", " ")), level, { title = "AbstractLLM" })
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

return M

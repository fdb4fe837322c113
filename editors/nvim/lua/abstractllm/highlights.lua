--- The colours, which a user may set before or after.
local M = {}

local LINKS = {
  AbstractLLMUser = "Title",
  AbstractLLMAssistant = "Function",
  AbstractLLMRule = "LineNr",
  AbstractLLMFolded = "Comment",
  AbstractLLMNotice = "WarningMsg",
  AbstractLLMError = "ErrorMsg",
  AbstractLLMHint = "Comment",
  AbstractLLMQuestion = "WarningMsg",
  AbstractLLMChanges = "Directory",
  AbstractLLMKey = "Special",
  AbstractLLMHunk = "Comment",
  AbstractLLMAdded = "DiffAdd",
  AbstractLLMRemoved = "DiffDelete",
  AbstractLLMWord = "DiffText",
}

function M.define()
  for name, link in pairs(LINKS) do
    vim.api.nvim_set_hl(0, name, { link = link, default = true })
  end
end

return M

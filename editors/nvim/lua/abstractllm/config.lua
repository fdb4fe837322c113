local M = {}

---@class abstractllm.Config
local defaults = {
  ---@type string[] the server's command line
  cmd = { "abstractllm-ls" },
  ---@type table<string, any> the server's settings, as docs/protocol.md lists them
  settings = {},
  ---@type number of the panel: columns, or below 1 a share of the editor's
  width = 0.4,
  ---@type table<string, string> for what the model does, or would do
  keys = {
    allow = "ga",
    allow_in_session = "gs",
    allow_always = "gw",
    reject = "gr",
    allow_all = "gA",
    reject_all = "gR",
    diff = "gd",
    diff_in_tab = "gD",
    next_hunk = "]h",
    previous_hunk = "[h",
    resend = "ge",
    regenerate = "gt",
    next_branch = "]b",
    previous_branch = "[b",
    take_back = "u",
    bring_back = "<C-r>",
    take_back_turn = "U",
  },
}

---@type abstractllm.Config
M.options = vim.deepcopy(defaults)

---@param options? abstractllm.Config
function M.setup(options)
  for key in pairs(options or {}) do
    if defaults[key] == nil then
      require("abstractllm.notify").warning(("`%s` is no option of setup()."):format(key))
    end
  end
  M.options = vim.tbl_deep_extend("force", vim.deepcopy(defaults), options or {})
end

---@return integer columns
function M.panel_width()
  local width = M.options.width
  return math.floor(width < 1 and vim.o.columns * width or width)
end

return M

--- Keys of a buffer, as the configuration names them.
local config = require("abstractllm.config")

local M = {}

local api = vim.api

---@alias abstractllm.Actions table<string, [string, fun()]> a description and what is done, by the key's name

---@param buffer integer
---@param actions abstractllm.Actions
function M.set(buffer, actions)
  for name, action in pairs(actions) do
    local options = { buffer = buffer, nowait = true, desc = action[1] }
    vim.keymap.set("n", config.options.keys[name], action[2], options)
  end
end

--- Map keys in somebody else's buffer.
---@param buffer integer
---@param actions abstractllm.Actions
---@return fun() # gives them back as they were
function M.borrow(buffer, actions)
  local before = {}
  api.nvim_buf_call(buffer, function()
    for name in pairs(actions) do
      local key = config.options.keys[name]
      before[key] = vim.fn.maparg(key, "n", false, true)
    end
  end)
  M.set(buffer, actions)
  return function()
    api.nvim_buf_call(buffer, function()
      for key, map in pairs(before) do
        pcall(vim.keymap.del, "n", key, { buffer = buffer })
        if map.buffer == 1 then
          vim.fn.mapset("n", false, map)
        end
      end
    end)
  end
end

return M

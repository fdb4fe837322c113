--- Keeps the server's copies of all files and untitled buffers up to date.
local M = {}

local GROUP = "abstractllm.documents"

---@type table<integer, integer> the changedtick that was sent, by untitled buffer
local untitled = {}

---@param buffer integer
---@return boolean # whether it holds a file, or text that may become one
function M.is_document(buffer)
  local name = vim.api.nvim_buf_get_name(buffer)
  return vim.api.nvim_buf_is_loaded(buffer) and vim.bo[buffer].buftype == "" and not name:find("^%a[%w+.-]+://")
end

local function is_untitled(buffer)
  return M.is_document(buffer) and vim.api.nvim_buf_get_name(buffer) == ""
end

---@param buffer integer
---@return string
function M.uri(buffer)
  if is_untitled(buffer) then
    return ("untitled:Untitled-%d"):format(buffer)
  end
  return vim.uri_from_bufnr(buffer)
end

local function notify(client, method, params)
  require("abstractllm.client").call(client, "notify", "textDocument/" .. method, params)
end

local function text_of(buffer)
  return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), "\n") .. "\n"
end

-- Neovim gives every buffer without a name the same URI; so these are sent from here.
local function send_untitled(client, buffer)
  local tick = vim.api.nvim_buf_get_changedtick(buffer)
  if untitled[buffer] == tick then
    return
  end
  local document = { uri = M.uri(buffer), version = tick }
  if untitled[buffer] then
    notify(client, "didChange", { textDocument = document, contentChanges = { { text = text_of(buffer) } } })
  else
    document.languageId = vim.bo[buffer].filetype
    document.text = text_of(buffer)
    notify(client, "didOpen", { textDocument = document })
  end
  untitled[buffer] = tick
end

local function forget_untitled(client, buffer)
  if untitled[buffer] then
    untitled[buffer] = nil
    notify(client, "didClose", { textDocument = { uri = ("untitled:Untitled-%d"):format(buffer) } })
  end
end

local function attach(client, buffer)
  if not M.is_document(buffer) then
    return
  elseif is_untitled(buffer) then
    return send_untitled(client, buffer)
  end
  forget_untitled(client, buffer)
  if not vim.lsp.buf_is_attached(buffer, client.id) then
    vim.lsp.buf_attach_client(buffer, client.id)
  end
end

--- Send what is not sent yet.
---@param client vim.lsp.Client
function M.flush(client)
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if is_untitled(buffer) then
      send_untitled(client, buffer)
    end
  end
end

--- Open all documents of today and of tomorrow at a server that has just started.
---@param client vim.lsp.Client
function M.follow(client)
  untitled = {}
  vim.iter(vim.api.nvim_list_bufs()):each(function(buffer)
    attach(client, buffer)
  end)
  local group = vim.api.nvim_create_augroup(GROUP, {})
  vim.api.nvim_create_autocmd(
    { "BufReadPost", "BufNewFile", "BufEnter", "BufFilePost", "BufWritePost", "TextChanged", "InsertLeave" },
    {
      group = group,
      callback = function(event)
        attach(client, event.buf)
      end,
    }
  )
  vim.api.nvim_create_autocmd("BufUnload", {
    group = group,
    callback = function(event)
      forget_untitled(client, event.buf)
    end,
  })
end

--- The server has ended.
function M.leave()
  vim.api.nvim_create_augroup(GROUP, {})
end

return M

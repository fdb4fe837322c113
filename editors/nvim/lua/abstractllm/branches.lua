--- The history as a tree: prompts sent again, answers compared, sessions forked.
local chat = require("abstractllm.chat")
local client = require("abstractllm.client")
local notify = require("abstractllm.notify")
local session = require("abstractllm.session")

local M = {}

--- Return the heading under the cursor of the panel, or else the last one.
---@return abstractllm.Entry? heading, integer? place
local function here()
  local entry
  if vim.api.nvim_get_current_buf() == chat.buffer() then
    entry = chat.entry_at(vim.api.nvim_win_get_cursor(0)[1])
  end
  return session.state.transcript:heading_of(entry)
end

---@param act fun(id: string, heading: abstractllm.Entry, place: integer)
local function at_message(act)
  local heading, place = here()
  if not session.state.info or not heading or not heading.ids then
    return notify.info("There is no message here yet.")
  elseif session.state.turn then
    return notify.info("Wait for the end of the turn, or stop it.")
  end
  act(session.state.info.id, heading, place --[[@as integer]])
end

---@param act fun(id: string, prompt: abstractllm.Entry)
local function at_prompt(act)
  at_message(function(id, _, place)
    local prompt = session.state.transcript:prompt_of(place)
    if prompt then
      act(id, prompt)
    end
  end)
end

--- Write the prompt anew that is under the cursor, or that is answered there.
function M.resend()
  at_prompt(function(_, prompt)
    local said = session.state.transcript:said(prompt)
    require("abstractllm.panel").open()
    require("abstractllm.panel").focus()
    require("abstractllm.prompt").edit(said, prompt.parentId or vim.NIL)
  end)
end

--- Have that prompt answered anew.
---@param model? string by this one, else as before
function M.regenerate(model)
  at_prompt(function(id, prompt)
    local params = { sessionId = id, messageId = prompt.ids[1], model = model }
    client.request("session/regenerate", params, function() end)
  end)
end

---@param id string
---@param message_id string
---@param on_shown? fun()
function M.show(id, message_id, on_shown)
  client.request("session/rewind", { sessionId = id, messageId = message_id }, function()
    session.load(id, on_shown)
  end)
end

---@param place integer of a heading
---@return string[] # the turns after it that changed files, the newest first
local function changed_after(place)
  local turns, entries = {}, session.state.transcript.entries
  for index = #entries, place + 1, -1 do
    local entry = entries[index]
    local is_made = vim.iter(entry.changes or {}):any(function(change)
      return not change.reverted
    end)
    if is_made then
      table.insert(turns, entry.messageId)
    end
  end
  return turns
end

---@param id string
---@param turns string[]
---@param on_done fun()
local function take_back(id, turns, on_done)
  local turn = table.remove(turns, 1)
  if not turn then
    return on_done()
  end
  client.request("session/revertEdits", { sessionId = id, messageId = turn }, function()
    take_back(id, turns, on_done)
  end)
end

--- Go back to the message under the cursor; what follows it is kept.
function M.rewind()
  at_message(function(id, heading, place)
    local last, now = heading.ids[#heading.ids], session.state.head
    if heading.role == "assistant" and place == select(2, session.state.transcript:heading_of()) then
      return notify.info("This is the last message.")
    end
    local function go()
      M.show(id, last, function()
        M.left = { id = id, message_id = now }
        notify.info("What followed is kept; `:AbstractLLM branch back` shows it again.")
      end)
    end
    local turns = changed_after(place)
    if #turns == 0 then
      return go()
    end
    local answers = { "Take these changes back, too", "Only go back", "Stay here" }
    vim.ui.select(answers, { prompt = "What follows changed files." }, function(_, choice)
      if choice == 1 then
        take_back(id, turns, go)
      elseif choice == 2 then
        go()
      end
    end)
  end)
end

--- Begin a session with all up to the message under the cursor.
function M.fork()
  at_message(function(id, heading)
    client.request("session/fork", { sessionId = id, messageId = heading.ids[#heading.ids] }, function(info)
      session.load(info.id)
      notify.info("This is a session of its own now.")
    end)
  end)
end

--- Show what stands beside the message under the cursor, or else the last one that has any.
---@param which string "next", "previous", "back" or a number
function M.branch(which)
  if which == "back" then
    return M.left and M.show(M.left.id, M.left.message_id)
  end
  at_message(function(id, heading)
    if not heading.siblings then
      heading = vim.iter(session.state.transcript.entries):rev():find(function(entry)
        return entry.siblings ~= nil
      end)
    end
    if not heading then
      return notify.info("There is only one branch.")
    end
    local siblings, place = heading.siblings, 1
    for index, sibling in ipairs(siblings) do
      place = vim.list_contains(heading.ids, sibling) and index or place
    end
    local steps = { [""] = 1, next = 1, previous = -1 }
    local goal = steps[which] and (place + steps[which] - 1) % #siblings + 1 or tonumber(which)
    if not siblings[goal] then
      return notify.error(("There is no branch %q; there are %d."):format(which, #siblings))
    end
    M.show(id, siblings[goal])
  end)
end

return M

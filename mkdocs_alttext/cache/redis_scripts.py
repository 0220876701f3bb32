"""What a shared cache's server does in one step: Lua scripts, for Redis 5 and newer, and Valkey.

A lease is `<fence> <holder>` under a key that expires. The fence is a number that grows with each
lease: whoever lost a lease and comes back late is known by it. Marks are the fields of one hash, by
the digest of their key or their owner's name: `[holder, open, untold, seconds]` in JSON, as in
`lease_records.Mark`. The *generation* is a random text that is lost with everything else when a
server loses its data.

The server's records are not trusted: what has another type, is too long or makes no sense counts as
missing.
"""

from __future__ import annotations

from mkdocs_alttext.cache.lease_records import MOST_SECONDS

LONGEST_VALUE = 70_000
"""Bytes: the longest text in JSON's widest escapes, its key and a signature, with room."""
MOST_MARKS = 10_000
"""More are not looked at: there is one for each request under way, or of a build that died."""

_COMMON = f"""
local function read(key, longest)
  if redis.call('TYPE', key).ok ~= 'string' or redis.call('STRLEN', key) > longest then
    return ''
  end
  return redis.call('GET', key)
end

local function owner_of(holder)
  local ok, parts = pcall(cjson.decode, holder)
  if ok and type(parts) == 'table' and type(parts[1]) == 'string' then return parts[1] end
end

local function lease(key)
  local left = redis.call('PTTL', key)
  if left <= 0 or left > {int(MOST_SECONDS * 1000)} then return nil end
  local text = read(key, 2000)
  local fence, holder = string.match(text, '^(%d+) (.*)$')
  local owner = holder and owner_of(holder)
  if owner then return text, fence, owner end
end

local function mark(key, field)
  local ok, m = pcall(function()
    if redis.call('HSTRLEN', key, field) > 3000 then return nil end
    return cjson.decode(redis.call('HGET', key, field))
  end)
  if not ok or type(m) ~= 'table' or type(m[1]) ~= 'string' or type(m[4]) ~= 'number' then
    return nil
  end
  local owner, open, untold = owner_of(m[1]), m[2], m[3]
  if not owner or (open ~= 0 and open ~= 1) or type(untold) ~= 'number'
     or untold ~= math.floor(untold) or untold < 0 or untold > 1000 then
    return nil
  end
  return {{owner = owner, holder = m[1], open = open, untold = untold, at = m[4]}}
end

local function now() return tonumber(redis.call('TIME')[1]) end

local function set_mark(key, field, holder, open, untold)
  if redis.call('TYPE', key).ok ~= 'hash' then redis.call('DEL', key) end
  redis.call('HSET', key, field, cjson.encode({{holder, open, untold, now()}}))
end

-- What a build has to tell its user of stands under its own name.
local function add_untold(key, owner, holder, count)
  if count == 0 then return end
  local found = mark(key, owner)
  if found then count = count + found.untold end
  set_mark(key, owner, holder, 0, math.min(count, 1000))
end

local function end_mark(key, field, owner, is_charged)
  local found = mark(key, field)
  if not found or found.owner ~= owner then return end
  redis.call('HDEL', key, field)
  if is_charged then add_untold(key, owner, found.holder, 1) end
end

-- Whether its holder is gone, as far as a server can tell. One that had its answer tells its user
-- itself: within an hour.
local function is_left(found, owner)
  return found.owner ~= owner and (found.open == 1 or now() - found.at > 3600)
end
"""

TAKE = (
    _COMMON
    + f"""
-- answer, lease, fence, generation; owner, holder, milliseconds, generation, a dead holder's lease
if read(KEYS[4], 100) ~= ARGV[4] then return {{'lost', '', ''}} end
local value = read(KEYS[1], {LONGEST_VALUE})
local text, fence, owner = lease(KEYS[2])
if text and owner ~= ARGV[1] and text ~= ARGV[5] then return {{'held', value, text}} end
if owner ~= ARGV[1] then fence = redis.call('INCR', KEYS[3]) end
redis.call('SET', KEYS[2], fence .. ' ' .. ARGV[2], 'PX', ARGV[3])
return {{'ours', value, tostring(fence)}}
"""
)
"""Take or renew a lease, and return the value that is there; nothing can come between the two."""

MARK = (
    _COMMON
    + """
-- lease, marks, generation; owner, fence, field, holder, generation
if read(KEYS[3], 100) ~= ARGV[5] then return {'lost', 0} end
local text, fence, owner = lease(KEYS[1])
local is_ours = text and owner == ARGV[1] and fence == ARGV[2]
if not is_ours and (text or ARGV[2] ~= '') then return {'held', 0} end
local found = mark(KEYS[2], ARGV[3])
local earlier = 0
if found and is_left(found, ARGV[1]) then earlier = found.untold + found.open end
add_untold(KEYS[2], ARGV[1], ARGV[4], earlier)
set_mark(KEYS[2], ARGV[3], ARGV[4], 1, 0)
return {'ours', earlier}
"""
)
"""Note that a request leaves now, if the lease is still the one that was taken."""

FINISH = (
    _COMMON
    + """
-- answer, lease, marks, generation; owner, fence, field, generation, value
local text, fence, owner = lease(KEYS[2])
local is_ours = text and owner == ARGV[1] and fence == ARGV[2]
if is_ours or ARGV[1] == '' then
  redis.call('SET', KEYS[1], ARGV[5])
else
  redis.call('SET', KEYS[1], ARGV[5], 'NX')
end
end_mark(KEYS[3], ARGV[3], ARGV[1], false)
if is_ours then redis.call('DEL', KEYS[2]) end
return {read(KEYS[4], 100) == ARGV[4] and 'ours' or 'lost'}
"""
)
"""Store an answer, and end its mark and lease. Whoever is late replaces no later one's answer."""

RELEASE = (
    _COMMON
    + """
-- lease; owner
local text, fence, owner = lease(KEYS[1])
if text and owner == ARGV[1] then redis.call('DEL', KEYS[1]) end
return {'ours'}
"""
)

END_REQUEST = (
    _COMMON
    + """
-- marks; owner, field, whether it may have been charged
end_mark(KEYS[1], ARGV[2], ARGV[1], ARGV[3] == '1')
return {'ours'}
"""
)

_EACH_MARK = f"""
if redis.call('TYPE', KEYS[1]).ok ~= 'hash' or redis.call('HLEN', KEYS[1]) > {MOST_MARKS} then
  return {{'ours', 0}}
end
local fields = redis.call('HKEYS', KEYS[1])
"""

HOLDERS = (
    _COMMON
    + _EACH_MARK
    + """
-- marks; owner
local found = {}
for _, field in ipairs(fields) do
  local m = mark(KEYS[1], field)
  if m and m.owner ~= ARGV[1] then table.insert(found, m.holder) end
end
return {'ours', found}
"""
)
"""Return the holders of all marks of others."""

TAKE_OVER = (
    _COMMON
    + _EACH_MARK
    + """
-- marks; owner, holder, how names of leases begin, holders that are gone
local gone, count = {}, 0
for place = 4, #ARGV do gone[ARGV[place]] = true end
for _, field in ipairs(fields) do
  local found = mark(KEYS[1], field)
  if found and found.owner ~= ARGV[1] then
    local text, fence, owner = lease(ARGV[3] .. field)
    local is_held = text and owner ~= ARGV[1]
    if gone[found.holder] or (is_left(found, ARGV[1]) and not is_held) then
      redis.call('HDEL', KEYS[1], field)
      count = count + found.untold + found.open
    end
  end
end
add_untold(KEYS[1], ARGV[1], ARGV[2], count)
return {'ours', count}
"""
)
"""Take over the marks of builds that are gone."""

TOLD = (
    _COMMON
    + _EACH_MARK
    + """
-- marks; owner
for _, field in ipairs(fields) do
  local found = mark(KEYS[1], field)
  if found and found.owner == ARGV[1] then redis.call('HDEL', KEYS[1], field) end
end
return {'ours'}
"""
)
"""Remove all of a build's marks."""

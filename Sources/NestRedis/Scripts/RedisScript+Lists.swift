import NIOCore

/// Steps on lists.
extension RedisScript {
    /// Puts an event into the list of each group. When none is known although services are there, Redis has lost its
    /// data: they are told to register again, and -1 is the answer.
    static let spread = RedisScript(
        """
        local groups = redis.call('SMEMBERS', KEYS[1])
        for _, group in ipairs(groups) do redis.call('LPUSH', ARGV[1] .. group, ARGV[2]) end
        if #groups == 0 and redis.call('PUBLISH', ARGV[3], 'register') > 0 then return -1 end
        return #groups
        """)

    /// Takes so many elements at the most into a consumer's list.
    static let take = RedisScript(
        """
        local taken = {}
        for i = 1, tonumber(ARGV[1]) do
          local element = redis.call('LMOVE', KEYS[1], KEYS[2], 'RIGHT', 'LEFT')
          if not element then break end
          taken[i] = element
        end
        return taken
        """)

    /// Puts an answer into the list of a client, who has so many milliseconds to come for it.
    static let answer = RedisScript(
        """
        redis.call('RPUSH', KEYS[1], ARGV[1])
        return redis.call('PEXPIRE', KEYS[1], ARGV[2])
        """)

    /// Keeps an element as a dead letter and finishes it, once.
    static let buryElement = RedisScript(
        """
        if not redis.call('LPOS', KEYS[1], ARGV[1]) then return 0 end
        redis.call('XADD', KEYS[2], '*', unpack(ARGV, 2))
        redis.call('LREM', KEYS[1], 1, ARGV[1])
        return 1
        """)

    /// Writes an element anew, with another attempt in it.
    static let rewriteElement = RedisScript(
        """
        if not redis.call('LPOS', KEYS[1], ARGV[1]) then return 0 end
        redis.call('LREM', KEYS[1], 1, ARGV[1])
        redis.call('LPUSH', KEYS[1], ARGV[2])
        return 1
        """)

    /// Puts an element back where it came from, before all others.
    static let returnElement = RedisScript(
        """
        if not redis.call('LPOS', KEYS[1], ARGV[1]) then return 0 end
        redis.call('LREM', KEYS[1], 1, ARGV[1])
        redis.call('RPUSH', KEYS[2], ARGV[2])
        return 1
        """)

    /// A consumer says that it is there, and which group it is of.
    static let breathe = RedisScript(
        """
        redis.call('SADD', KEYS[1], ARGV[1])
        redis.call('SET', KEYS[2], '1', 'PX', ARGV[2])
        redis.call('HDEL', KEYS[3], ARGV[1])
        if KEYS[4] then redis.call('SADD', KEYS[4], ARGV[3]) end
        return 0
        """)

    /// Takes over what the dead have left, so many at the most; lets go of the dead that have left nothing for so many
    /// milliseconds. Not earlier: Redis may still have a command of theirs that takes more.
    static let inherit = RedisScript(
        """
        local taken = {}
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        for _, consumer in ipairs(redis.call('SMEMBERS', KEYS[1])) do
          if consumer ~= ARGV[3] and redis.call('EXISTS', ARGV[1] .. consumer) == 0 then
            local work = ARGV[2] .. consumer
            while #taken < tonumber(ARGV[4]) do
              local element = redis.call('LMOVE', work, KEYS[2], 'RIGHT', 'LEFT')
              if not element then break end
              taken[#taken + 1] = element
            end
            if redis.call('LLEN', work) == 0 then
              redis.call('HSETNX', KEYS[3], consumer, now)
              if now - redis.call('HGET', KEYS[3], consumer) >= tonumber(ARGV[5]) then
                redis.call('SREM', KEYS[1], consumer)
                redis.call('HDEL', KEYS[3], consumer)
              end
            end
          end
        end
        return taken
        """)

    /// As arguments of a command whose last ones follow.
    var buffers: [ByteBuffer] { command.map { ByteBuffer(string: $0) } }

    /// A consumer goes: what it has left is for others at once. Its name stays for them when it has left something, or may
    /// still be given something that it has asked for.
    static let leave = RedisScript(
        """
        redis.call('DEL', KEYS[3])
        if ARGV[2] == '0' and redis.call('LLEN', KEYS[2]) == 0 then redis.call('SREM', KEYS[1], ARGV[1]) end
        return 0
        """)
}

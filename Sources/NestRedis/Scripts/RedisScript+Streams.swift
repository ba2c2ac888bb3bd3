/// Steps on streams.
extension RedisScript {
    /// Trims a stream to about `keep` entries, but never what a group has not finished: what it has not read, and what
    /// its consumers still work on.
    static func trim(_ stream: String, keep: Int) -> RedisScript { trimming.with([stream], [String(keep)]) }

    private static let trimming = RedisScript(
        """
        local excess = redis.call('XLEN', KEYS[1]) - tonumber(ARGV[1])
        if excess <= 0 then return 0 end
        local oldest, oldest_ms, oldest_seq
        for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
          local field = {}
          for i = 1, #group, 2 do field[group[i]] = group[i + 1] end
          local id = field['last-delivered-id']
          if field['pending'] > 0 then id = redis.call('XPENDING', KEYS[1], field['name'])[2] end
          local ms, seq = string.match(id, '^(%d+)-(%d+)$')
          ms, seq = tonumber(ms), tonumber(seq)
          if not oldest or ms < oldest_ms or (ms == oldest_ms and seq < oldest_seq) then
            oldest, oldest_ms, oldest_seq = id, ms, seq
          end
        end
        if not oldest then return redis.call('XTRIM', KEYS[1], 'MAXLEN', '~', ARGV[1]) end
        return redis.call('XTRIM', KEYS[1], 'MINID', '~', oldest, 'LIMIT', excess)
        """)

    /// Lets go of a group's consumers that have nothing and were not heard of for so long, and of one by its name.
    static func tidy(
        _ stream: String, _ group: String, idle: Duration, leaving: String, alive: String
    ) -> RedisScript {
        tidying.with([stream], [group, String(Int64(idle / .milliseconds(1))), leaving, alive])
    }

    private static let tidying = RedisScript(
        """
        for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
          local field = {}
          for i = 1, #consumer, 2 do field[consumer[i]] = consumer[i + 1] end
          local isDead = field['idle'] > tonumber(ARGV[2]) and redis.call('EXISTS', ARGV[4] .. field['name']) == 0
          if field['pending'] == 0 and (isDead or field['name'] == ARGV[3]) then
            redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], field['name'])
          end
        end
        return 0
        """)

    /// Makes a group. `last`, when it is still there, is the entry it goes on after: the stream is the one we know.
    static func group(_ stream: String, _ group: String, _ start: String, _ last: String) -> RedisScript {
        grouping.with([stream], [group, start, last])
    }

    private static let grouping = RedisScript(
        """
        local start = ARGV[2]
        if ARGV[3] ~= '' and #redis.call('XRANGE', KEYS[1], ARGV[3], ARGV[3]) > 0 then start = ARGV[3] end
        return redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], start, 'MKSTREAM')
        """)

    /// Adds an event that has a key: it names the one before it in its slot.
    static let chain = RedisScript(
        """
        local last = redis.call('HGET', KEYS[2], ARGV[1])
        local id
        if last then
          id = redis.call('XADD', KEYS[1], '*', 'nest-prev', last, unpack(ARGV, 2))
        else
          id = redis.call('XADD', KEYS[1], '*', unpack(ARGV, 2))
        end
        redis.call('HSET', KEYS[2], ARGV[1], id)
        return id
        """)

    /// Keeps an entry as a dead letter and finishes it for its group, once: a second time finds nothing to do.
    static let bury = RedisScript(
        """
        if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1) == 0 then return 0 end
        redis.call('XADD', KEYS[2], '*', unpack(ARGV, 5))
        redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
        if ARGV[3] == '1' then redis.call('XDEL', KEYS[1], ARGV[2]) end
        if ARGV[4] ~= '' then redis.call('PUBLISH', ARGV[4], ARGV[2]) end
        return 1
        """)

    /// Puts the content of a dead letter back and lets go of it, once.
    static let replay = RedisScript(
        """
        if #redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1]) == 0 then return 0 end
        if ARGV[2] == 'stream' then
          redis.call('XADD', KEYS[2], '*', unpack(ARGV, 3))
        else
          redis.call('LPUSH', KEYS[2], ARGV[3])
        end
        redis.call('XDEL', KEYS[1], ARGV[1])
        return 1
        """)
}

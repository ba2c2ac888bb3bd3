import NIOCore
import NestMessaging
import Testing

@testable import NestRedis

@Suite("Names in Redis") struct RedisKeysTests {
    @Test("begin with the prefix, as the wire says")
    func names() {
        let keys = RedisKeys(prefix: "shop")
        #expect(keys.requests("orders") == "shop:rpc:orders")
        #expect(keys.events == "shop:events")
        #expect(keys.dead("audit") == "shop:dead:audit")
        #expect(keys.channel("orders.create") == "shop.orders.create")
        #expect(RedisKeys(prefix: "shop..").channel("a") == "shop.a")
        #expect(keys.pattern(of: "shop.orders.create") == "orders.create")
        #expect(keys.pattern(of: "shopping.orders") == nil)
    }

    @Test("of a glob find the pattern's channels, and nothing in the prefix is a wildcard")
    func globs() {
        #expect(RedisKeys(prefix: "a*[b]?").glob("x.*.y") == #"a\*\[b\]\?.x.*.y"#)
        #expect(RedisKeys(prefix: "a").glob("x.>") == "a.x.*")
        #expect(RedisKeys.escaped(#"a\b^c"#) == #"a\\b\^c"#)
    }

    @Test(
        "a prefix that could name what another one names is refused", arguments: ["", "a b", "shop:rpc", "a:b:events"])
    func problems(_ prefix: String) {
        #expect(RedisKeys(prefix: prefix).problem != nil)
        var options = RedisOptions()
        options.prefix = prefix
        let error = #expect(throws: TransportError.self) { try options.validate() }
        #expect(error?.code == .invalidConfiguration)
    }

    @Test("prefixes with colons are fine otherwise", arguments: ["shop", "shop:eu", "rpc", "{shop}", "a*b"])
    func fine(_ prefix: String) { #expect(RedisKeys(prefix: prefix).problem == nil) }

    @Test(
        "where a stream's reader is heard is the same on both sides", arguments: [RedisMode.streams, .lists, .pubSub])
    func control(_ mode: RedisMode) {
        let inbox = RedisInbox(RedisKeys(prefix: "shop"), mode: mode)
        let id = mode == .pubSub ? nil : "17"
        #expect(RedisKeys.control(replies: inbox.reply(for: 17), id: id) == inbox.control(for: 17))
        #expect(inbox.control(for: 17).hasPrefix("shop"))
    }

    @Test("a list of answers says how long they may wait", arguments: ["shop", "shop:eu", "ä\"/"])
    func lists(_ prefix: String) {
        let keys = RedisKeys(prefix: prefix)
        #expect(keys.expiry(ofInbox: keys.inbox("x", expiry: .seconds(60))) == 60_000)
        #expect(keys.expiry(ofInbox: keys.replies("x")) == nil)
        #expect(keys.expiry(ofInbox: RedisKeys(prefix: "other").inbox("x", expiry: .seconds(60))) == nil)
        #expect(keys.expiry(ofInbox: "\(prefix):inbox:soon:x") == nil)
        #expect((keys.plainInboxes == nil) == (prefix == "ä\"/"))
    }

    @Test("a call's number is found in its channel")
    func numbers() {
        let inbox = RedisInbox(RedisKeys(prefix: "shop"), mode: .pubSub)
        func number(_ channel: String) -> UInt64? {
            ByteBuffer(string: channel).withUnsafeReadableBytes { inbox.number(in: $0) }
        }
        #expect(number(inbox.reply(for: .max)) == .max)
        #expect(number(inbox.channel) == nil)
        #expect(number("\(inbox.channel).1x") == nil)
        #expect(number("\(inbox.channel).99999999999999999999") == nil)
    }

    @Test("ids of entries are read and written")
    func ids() {
        func id(_ text: String) -> RedisDelivery.ID? {
            ByteBuffer(string: text).withUnsafeReadableBytes { RedisDelivery.ID($0, source: 1) }
        }
        #expect(id("1700000000000-12")?.text == "1700000000000-12")
        for text in ["", "-", "1-", "-1", "1", "1-2-3", "a-1", "99999999999999999999-0"] { #expect(id(text) == nil) }
    }
}

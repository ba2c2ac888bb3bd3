import NestMessaging
import Testing

@testable import NestRedis

@Suite("A URL of Redis") struct RedisAddressTests {
    @Test(
        "says where it is",
        arguments: [
            ("redis://10.0.0.1", RedisAddress.Place.host("10.0.0.1", port: 6_379)),
            ("10.0.0.1:7000", .host("10.0.0.1", port: 7_000)),
            ("rediss://[::1]:7000/2", .host("::1", port: 7_000)),
            ("redis://a:b@c@h.example:1", .host("h.example", port: 1)),
            ("redis+unix:///run/redis%20one.sock?db=3", .unixSocket("/run/redis one.sock")),
            ("unix:///run/redis.sock", .unixSocket("/run/redis.sock")),
        ])
    func places(_ url: String, _ place: RedisAddress.Place) throws {
        #expect(try RedisAddress(url: url).place == place)
    }

    @Test("says who we are and which database, and shows no password")
    func login() throws {
        let address = try RedisAddress(url: "rediss://app:s%3Ac@h:7000/4")
        #expect(address.login == RedisAddress.Login(user: "app", password: "s:c"))
        #expect(address.database == 4)
        #expect(address.isTLS)
        #expect("\(address)" == "rediss://h:7000")
        #expect(!String(reflecting: address).contains("s:c"))
        let lonely = try RedisAddress(url: "redis://:only@h?db=7")
        #expect(lonely.login == RedisAddress.Login(user: nil, password: "only"))
        #expect(lonely.database == 7)
        #expect(try RedisAddress(url: "redis://h").database == nil)
    }

    @Test(
        "is refused when it cannot be meant",
        arguments: [
            "http://h", "redis://", "redis://h:0", "redis://h:x", "redis://h:70000", "redis://h/x", "redis://h?x=1",
            "redis://secret@h", "redis://a:%zz@h", "redis+unix://run/redis.sock",
        ])
    func refused(_ url: String) {
        let error = #expect(throws: TransportError.self) { try RedisAddress(url: url) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains("secret") == false)
    }

    @Test("several are separated by commas")
    func several() throws {
        let addresses = try RedisAddress.all(in: ["redis://a:1,redis://b:2", "c"])
        #expect(addresses.map(\.description) == ["redis://a:1", "redis://b:2", "redis://c:6379"])
    }
}

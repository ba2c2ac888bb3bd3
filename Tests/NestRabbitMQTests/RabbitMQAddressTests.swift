import Testing

@testable import NestRabbitMQ

struct RabbitMQAddressTests {
    @Test func fullURL() throws {
        let address = try RabbitMQAddress(url: "amqps://shop:p%40ss%3A1@rabbit.example:5999/orders%2Feu")
        #expect(address.host == "rabbit.example")
        #expect(address.port == 5_999)
        #expect(address.isTLS)
        #expect(address.virtualHost == "orders/eu")
        #expect(address.login == RabbitMQAddress.Login(user: "shop", password: "p@ss:1"))
        #expect(address.description == "amqps://rabbit.example:5999/orders%2Feu")
    }

    @Test(arguments: [
        ("amqp://localhost", "localhost", 5_672, "/"), ("amqps://localhost/", "localhost", 5_671, "/"),
        ("amqp://[::1]:5673/%2F", "::1", 5_673, "/"), ("AMQP://h/v", "h", 5_672, "v"),
    ])
    func defaults(_ url: String, _ host: String, _ port: Int, _ virtualHost: String) throws {
        let address = try RabbitMQAddress(url: url)
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.virtualHost == virtualHost)
        #expect(address.login == nil)
    }

    @Test func passwordWithAtSign() throws {
        let address = try RabbitMQAddress(url: "amqp://u:p@ss@h")
        #expect(address.login?.password == "p@ss")
        #expect(address.host == "h")
    }

    @Test(arguments: [
        "localhost:5672", "http://h", "amqp://", "amqp://h:0", "amqp://h:x", "amqp://h/a/b", "amqp://u%4:p@h",
        "amqp://h/v?heartbeat=10",
    ])
    func refused(_ url: String) {
        #expect(throws: TransportError.self) { try RabbitMQAddress(url: url) }
    }

    @Test func severalServers() throws {
        let options = RabbitMQOptions(servers: ["amqp://a,amqp://b:1", "amqps://c"])
        #expect(try options.addresses().map(\.host) == ["a", "b", "c"])
    }

    @Test func optionsAreChecked() {
        func isRefused(_ change: (inout RabbitMQOptions) -> Void) -> Bool {
            var options = RabbitMQOptions()
            change(&options)
            do throws(TransportError) {
                try options.validate()
                return false
            } catch {
                return error.code == .invalidConfiguration
            }
        }
        #expect(!isRefused { _ in })
        #expect(isRefused { $0.servers = [] })
        #expect(isRefused { $0.prefix = "" })
        #expect(isRefused { $0.prefix = "amq.mine" })
        #expect(isRefused { $0.queue = "" })
        #expect(isRefused { $0.credentials = .certificate })
        #expect(isRefused { $0.heartbeat = .milliseconds(100) })
        #expect(isRefused { $0.confirmWindow = 0 })
        #expect(isRefused { $0.queues.maxPriority = 5 })
        #expect(isRefused { $0.queues.prefetch = 70_000 })
    }
}

import NIOCore
import NIOPosix
import NestSockets
import Synchronization
import Testing

@Suite("Connections of a server") struct ConnectionRegistryTests {
    /// Ends when it is told to in one of these ways.
    private final class Connection: ServedConnection {
        enum Order: Hashable { case drain, cancelHandlers, close }

        let loop: any EventLoop
        let told = Mutex<[Order]>([])
        private let registry: ConnectionRegistry<Connection>
        private let last: Order

        init(_ loop: any EventLoop, _ registry: ConnectionRegistry<Connection>, endsOn last: Order) {
            self.loop = loop
            self.registry = registry
            self.last = last
        }

        func drain() { hear(.drain) }
        func cancelHandlers() { hear(.cancelHandlers) }
        func close() { hear(.close) }

        private func hear(_ order: Order) {
            let isFirst = told.withLock { told in
                defer { told.append(order) }
                return !told.contains(last)
            }
            if order == last, isFirst { registry.leave(self) }
        }
    }

    private let group = MultiThreadedEventLoopGroup.singleton

    /// What a connection is told at the end of its server.
    private func told(_ last: Connection.Order, within time: Duration) async -> [Connection.Order] {
        let registry = ConnectionRegistry<Connection>(limit: 1)
        let connection = Connection(group.next(), registry, endsOn: last)
        #expect(registry.admit() && registry.add(connection))
        await registry.end(within: time, on: group)
        #expect(registry.count == 0)
        return connection.told.withLock { $0 }
    }

    @Test("one that has answered in time is not cancelled")
    func drained() async { #expect(await told(.drain, within: .seconds(60)) == [.drain]) }

    @Test("handlers that take too long are cancelled")
    func cancelled() async {
        #expect(await told(.cancelHandlers, within: .milliseconds(1)) == [.drain, .cancelHandlers])
    }

    @Test("a server that is cancelled closes at once")
    func closed() async {
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await told(.close, within: .seconds(60))
        }
        #expect(await task.value.first == .close)
    }

    @Test("there are as many places as the limit says, and what is not made gives its place back")
    func places() async {
        let registry = ConnectionRegistry<Connection>(limit: 2)
        #expect(registry.admit())
        #expect(registry.admit())
        #expect(!registry.admit())
        registry.giveBack()
        #expect(registry.admit())
        #expect(registry.count == 2)
    }

    @Test("one that comes while the server ends is told so")
    func late() async {
        let registry = ConnectionRegistry<Connection>(limit: 2)
        #expect(registry.admit())
        registry.drain()
        #expect(!registry.add(Connection(group.next(), registry, endsOn: .drain)))
    }
}

import Testing

@testable import NestMessaging
@testable import NestNats

@Suite("The NATS connections of a process") struct NatsLoopTests {
    @Test("are looked after by one thread")
    func shared() throws {
        let (loop, again) = (try NatsLoop.shared(), try NatsLoop.shared())
        let client = try ClientProxy(.nats(url: "nats://127.0.0.1:1"))
        #expect(again === loop && client.taskExecutor as AnyObject? === loop)
    }
}

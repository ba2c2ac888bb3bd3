@testable import NestCore

/// A place where code under test stops until the test lets it go on.
final class Gate: Sendable {
    private let arrived = Latch()
    private let opened = Latch()

    /// Tells that it is here and waits for ``open()``.
    func pass() async {
        arrived.open()
        await opened.wait()
    }

    /// Returns when somebody stands at the gate.
    func arrival() async { await arrived.wait() }

    func open() { opened.open() }
}

import NIOCore

/// Has another connection take over from one over which the broker refuses messages.
///
/// A channel of RabbitMQ keeps in mind who leads the quorum queues it publishes to. One whose first message came while a
/// queue had no leader, as after the loss of a node, is refused from then on, whoever leads the queue later (seen with
/// 3.10). A channel that is opened afterwards is not. A queue that is full refuses too, and another connection does not
/// help there: each comes later than the one before, up to half a minute.
///
/// `@unchecked Sendable`: touched on the event loop only; `replace` is set before that.
final class RefusalWatch<Line: AnyObject & Sendable>: @unchecked Sendable {
    /// Makes another one for this one, unless that has happened.
    var replace: @Sendable (Line) -> Void = { _ in }
    private let loop: any EventLoop
    private var backoff = ReconnectBackoff(initial: .milliseconds(250), limit: .seconds(30))
    private var last = NIODeadline.uptimeNanoseconds(0)
    private var isWaiting = false

    init(on loop: any EventLoop) { self.loop = loop }

    /// The broker has refused a message that came over this one.
    func refused(_ line: Line) {
        let now = NIODeadline.now()
        if now - last > .seconds(60) { backoff.reset() }
        last = now
        guard !isWaiting else { return }
        isWaiting = true
        loop.scheduleTask(in: TimeAmount(backoff.next())) { [weak self, weak line] in
            self?.isWaiting = false
            if let line { self?.replace(line) }
        }
    }
}

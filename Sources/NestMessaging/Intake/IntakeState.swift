package import Logging
package import NIOCore
public import Synchronization

/// What a ``MessageIntake`` keeps in mind.
///
/// `@unchecked Sendable`: every member is touched on `loop` only, but for the two counts. Those that every message
/// touches are not checked for overlapping access at run time: nothing but the loop ever touches them.
@usableFromInline
package final class IntakeState: @unchecked Sendable {
    /// A handler that has suspended, and the task that waits in it.
    @usableFromInline
    package struct Run: Sendable {
        @usableFromInline package let task: Task<Void, Never>
        @usableFromInline package let message: IncomingMessage

        @inlinable package init(task: Task<Void, Never>, message: IncomingMessage) {
            self.task = task
            self.message = message
        }
    }

    @usableFromInline
    package enum Phase: Sendable {
        case open
        /// Nothing more is asked for; what comes is served.
        case draining
        case closed
    }

    /// The transport's name in logs.
    package let transport: String
    @usableFromInline package let loop: any ServingLoop
    @usableFromInline package let dispatcher: MessageDispatcher
    @usableFromInline package let limits: IntakeLimits
    package let timers: any EventLoop
    package let logger: Logger

    @exclusivity(unchecked) @usableFromInline package var phase = Phase.open
    /// Messages for which there was no place.
    @exclusivity(unchecked) @usableFromInline package var waiting = Fifo<IncomingMessage>()
    @exclusivity(unchecked) @usableFromInline package var waitingBytes = 0
    /// Runs, suspended or not.
    @exclusivity(unchecked) @usableFromInline package var inFlight = 0
    /// The run that is on the stack, 0 when none is.
    @exclusivity(unchecked) @usableFromInline package var current = 0
    @exclusivity(unchecked) @usableFromInline package var lastRun = 0
    @exclusivity(unchecked) @usableFromInline package var suspended: [Int: Run] = [:]
    /// What the run on the stack serves.
    @exclusivity(unchecked) @usableFromInline package var served: IncomingMessage?
    /// Where replies are written that need no task.
    @exclusivity(unchecked) @usableFromInline package var writer: JSONWriter

    package var streams: [UInt64: OpenStream] = [:]
    var lastStream: UInt64 = 0
    /// Looks after streams that stand still.
    var prober: RepeatedTask?
    /// What waits until nothing is being handled.
    @exclusivity(unchecked) @usableFromInline package var idlers: [() -> Void] = []

    /// Messages being handled, as of the last turn.
    @usableFromInline package let inFlightCount = Atomic(0)
    /// Messages that wait for a place, as of the last turn.
    @usableFromInline package let waitingCount = Atomic(0)

    /// `timers` may be any event loop; what it fires is done on `loop`.
    package init(
        transport: String, loop: any ServingLoop, timers: any EventLoop, dispatcher: MessageDispatcher,
        limits: IntakeLimits, logger: Logger
    ) {
        self.transport = transport
        self.loop = loop
        self.timers = timers
        self.dispatcher = dispatcher
        self.limits = limits
        self.logger = logger
        writer = JSONWriter(codec: dispatcher.codec)
    }
}

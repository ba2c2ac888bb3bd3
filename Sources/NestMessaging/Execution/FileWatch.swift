package import NIOCore
import Synchronization

/// Notices that the files behind a connection were exchanged: passwords, tokens, keys, certificates.
///
/// Looks at them on a timer, as cheaply as can be: one `stat` a file. A change is told once it is complete, which is when
/// every file is there and none has changed since the last look.
package final class FileWatch: Sendable {
    private struct State {
        /// As they were read.
        var used: [FileStamp?]
        /// As they were at the last look.
        var seen: [FileStamp?]
        var timer: RepeatedTask?
        var hasEnded = false
    }

    private let paths: [String]
    private let eventLoop: any EventLoop
    private let interval: TimeAmount
    private let state: Mutex<State>

    /// A watch that is not started. Without files it never does anything.
    package init(_ paths: [String], on eventLoop: any EventLoop, every interval: Duration) {
        self.paths = paths
        self.eventLoop = eventLoop
        self.interval = TimeAmount(interval)
        let stamps = paths.map { FileStamp($0) }
        state = Mutex(State(used: stamps, seen: stamps))
    }

    deinit { state.withLock { $0.timer }?.cancel() }

    /// The files are about to be read. To be called before: what changes meanwhile is a change.
    package func willRead() {
        guard !paths.isEmpty else { return }
        let stamps = paths.map { FileStamp($0) }
        state.withLock { state in
            state.used = stamps
            state.seen = stamps
        }
    }

    /// Calls `changed` on the event loop after each change, until it is ended. Does nothing when it was started before.
    package func start(_ changed: @escaping @Sendable () -> Void) {
        guard !paths.isEmpty else { return }
        state.withLock { state in
            guard state.timer == nil, !state.hasEnded else { return }
            state.timer = eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { [weak self] task in
                guard let self else { return task.cancel() }
                if look() { changed() }
            }
        }
    }

    /// Looks no more.
    package func end() {
        let timer = state.withLock { state in
            state.hasEnded = true
            return state.timer
        }
        timer?.cancel()
    }

    /// True when there is something new to be read.
    private func look() -> Bool {
        let stamps = paths.map { FileStamp($0) }
        return state.withLock { state in
            guard stamps == state.seen, !stamps.contains(nil) else {
                state.seen = stamps
                return false
            }
            guard stamps != state.used, !state.hasEnded else { return false }
            state.used = stamps
            return true
        }
    }
}

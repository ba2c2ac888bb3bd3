import Foundation
import Synchronization

/// Brokers and folders that must not outlive the process, however it ends (but for `kill -9`).
enum BrokerCleanUp {
    private struct Left {
        var pids: Set<Int32> = []
        var folders: Set<String> = []
        var isRegistered = false
    }

    private static let left = Mutex(Left())

    static func makeFolder(for name: String) -> String {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("nest-\(name.split(separator: "/").last ?? "")-\(UUID().uuidString.prefix(8))").path
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        add { $0.folders.insert(folder) }
        return folder
    }

    static func remove(_ folder: String) {
        try? FileManager.default.removeItem(atPath: folder)
        left.withLock { _ = $0.folders.remove(folder) }
    }

    static func began(_ pid: Int32) { add { $0.pids.insert(pid) } }

    static func ended(_ pid: Int32) { left.withLock { _ = $0.pids.remove(pid) } }

    static func kill(_ pid: Int32) { send(SIGKILL, to: pid) }

    /// Only to those that we started and that have not been seen to end.
    static func send(_ signal: Int32, to pid: Int32) {
        left.withLock { left in
            guard left.pids.contains(pid) else { return }
            Foundation.kill(pid, signal)
        }
    }

    private static func add(_ change: (inout Left) -> Void) {
        let isFirst = left.withLock { left in
            change(&left)
            defer { left.isRegistered = true }
            return !left.isRegistered
        }
        if isFirst { atexit { BrokerCleanUp.atExit() } }
    }

    private static func atExit() {
        let all = left.withLock { $0 }
        for pid in all.pids { Foundation.kill(pid, SIGKILL) }
        for folder in all.folders { try? FileManager.default.removeItem(atPath: folder) }
    }
}

import Foundation
import NestMessaging

/// What a child process writes, line by line.
enum ProcessOutput {
    /// Tells of whole lines as they come, on a thread that ends with what it reads.
    ///
    /// A thread, because Foundation's handler of readable data can be called after its descriptor was closed, and takes the
    /// process with it then.
    static func read(_ handle: FileHandle, _ heard: @escaping @Sendable ([String]) -> Void) {
        _ = DedicatedThread.start {
            var rest = ""
            while true {
                let data = handle.availableData
                guard !data.isEmpty else { return }
                // Some end their lines with two characters, which are one to Swift.
                var lines = (rest + String(decoding: data, as: UTF8.self))
                    .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
                rest = lines.removeLast()
                if !lines.isEmpty { heard(lines) }
            }
        }
    }
}

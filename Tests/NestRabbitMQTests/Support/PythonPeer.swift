import Foundation
import NestTesting

/// A peer that was not written here: a script on `aio-pika`.
final class PythonPeer: Sendable {
    /// True when Python has the client.
    static let isInstalled: Bool = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", "import aio_pika"]
        process.standardError = FileHandle.nullDevice
        do {
            try process.run()
        } catch {
            return false
        }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    /// The lines it has written.
    let output = Watched<[String]>([])
    private let input = Pipe()
    private let hasEnded = Watched<Int32?>(nil)

    init(_ script: String, _ arguments: String...) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", folder.appendingPathComponent("Peers/\(script).py").path] + arguments
        process.standardInput = input
        let pipe = Pipe()
        process.standardOutput = pipe
        pipe.fileHandleForReading.readabilityHandler = { [output] handle in
            let data = handle.availableData
            guard !data.isEmpty else { return handle.readabilityHandler = nil }
            let lines = String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
            output.update { $0 += lines }
        }
        process.terminationHandler = { [hasEnded] process in hasEnded.update { $0 = process.terminationStatus } }
        try process.run()
    }

    /// Waits until it has ended; its exit status.
    func end() async throws -> Int32? {
        try? input.fileHandleForWriting.close()
        return try await hasEnded.eventually(within: .seconds(20), "the Python peer ends") { $0 != nil }
    }
}

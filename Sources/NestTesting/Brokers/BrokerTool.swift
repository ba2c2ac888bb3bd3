import Foundation

/// A program that is run to its end: what administers a broker from outside.
enum BrokerTool {
    /// Runs it and returns what it has written; throws ``BrokerProcess/Failed`` with that when it fails.
    ///
    /// It writes to a file: a pipe has no end as long as some other child, started at the same moment, has a copy of it.
    static func run(_ executable: String, _ arguments: [String]) async throws -> String {
        let folder = BrokerCleanUp.makeFolder(for: "tool")
        defer { BrokerCleanUp.remove(folder) }
        let file = URL(fileURLWithPath: folder).appendingPathComponent("output")
        try Data().write(to: file)
        let output = try FileHandle(forWritingTo: file)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [executable] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        let status = try await end(of: process, executable)
        try output.close()
        let text = try String(contentsOf: file, encoding: .utf8).trimmingCharacters(in: .newlines)
        guard status == 0 else {
            throw BrokerProcess.Failed(description: "\(executable) \(arguments.joined(separator: " ")): \(text)")
        }
        return text
    }

    private static func end(of process: Process, _ executable: String) async throws -> Int32? {
        let status = Watched<Int32?>(nil)
        process.terminationHandler = { process in status.update { $0 = process.terminationStatus } }
        try process.run()
        return try await status.eventually(within: .seconds(60), "\(executable) ends") { $0 != nil }
    }
}

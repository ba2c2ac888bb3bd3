import Foundation

/// A program that is run to its end: what administers a broker from outside.
enum BrokerTool {
    private struct End: Sendable {
        var output: Data
        var status: Int32
    }

    /// Runs it and returns what it has written; throws ``BrokerProcess/Failed`` with that when it fails.
    static func run(_ executable: String, _ arguments: [String]) async throws -> String {
        let ended = Watched<End?>(nil)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [executable] + arguments
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        // A thread of its own: a handler of Foundation may miss the end of a pipe.
        let reader = pipe.fileHandleForReading
        Thread.detachNewThread {
            let output = reader.readDataToEndOfFile()
            process.waitUntilExit()
            ended.update { $0 = End(output: output, status: process.terminationStatus) }
        }
        let end = try await ended.eventually(within: .seconds(60), "\(executable) ends") { $0 != nil }
        let output = String(decoding: end?.output ?? Data(), as: UTF8.self).trimmingCharacters(in: .newlines)
        guard end?.status == 0 else {
            throw BrokerProcess.Failed(description: "\(executable) \(arguments.joined(separator: " ")): \(output)")
        }
        return output
    }
}

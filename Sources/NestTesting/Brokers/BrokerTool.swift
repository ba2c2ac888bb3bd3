import Foundation

/// A program that is run to its end: what administers a broker from outside.
enum BrokerTool {
    private struct Life: Sendable {
        var output = Data()
        var isRead = false
        var status: Int32?
    }

    /// Runs it and returns what it has written; throws ``BrokerProcess/Failed`` with that when it fails.
    static func run(_ executable: String, _ arguments: [String]) async throws -> String {
        let life = Watched(Life())
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [executable] + arguments
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        pipe.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil }
            life.update { life in
                life.output += data
                life.isRead = data.isEmpty
            }
        }
        process.terminationHandler = { process in life.update { $0.status = process.terminationStatus } }
        try process.run()
        let end = try await life.eventually(within: .seconds(60), "\(executable) ends") {
            $0.status != nil && $0.isRead
        }
        let output = String(decoding: end.output, as: UTF8.self).trimmingCharacters(in: .newlines)
        guard end.status == 0 else {
            throw BrokerProcess.Failed(description: "\(executable) \(arguments.joined(separator: " ")): \(output)")
        }
        return output
    }
}

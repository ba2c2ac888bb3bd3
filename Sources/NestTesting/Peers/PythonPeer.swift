import Foundation

/// A peer that was not written here: a Python script on a client library of a broker.
///
/// The libraries are named in `Tests/Interop/requirements.txt`, and `Scripts/setup.sh` puts them into an environment of the
/// project's own, `.build/peers`. `NEST_PEERS_PYTHON` names another Python that has them.
package final class PythonPeer: Sendable {
    /// The lines it has written.
    package let output = Watched<[String]>([])
    /// What went wrong in its own words.
    package let errors = Watched<[String]>([])
    private let input = Foundation.Pipe()
    private let hasEnded = Watched<Int32?>(nil)

    /// Starts a script.
    ///
    /// - Parameters:
    ///   - script: The file's name, without `.py`, in the folder `Peers` beside the folder of the test that asks.
    ///   - arguments: What it is called with.
    package convenience init(_ script: String, _ arguments: String..., file: String = #filePath) throws {
        try self.init(script, arguments, file: file)
    }

    /// The same, with a list of arguments.
    package init(_ script: String, _ arguments: [String], file: String = #filePath) throws {
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.python)
        process.arguments = [folder.appendingPathComponent("Peers/\(script).py").path] + arguments
        process.standardInput = input
        process.standardOutput = Self.pipe(to: output)
        process.standardError = Self.pipe(to: errors)
        process.terminationHandler = { [hasEnded] process in hasEnded.update { $0 = process.terminationStatus } }
        try process.run()
    }

    /// Waits for the next lines, until there are so many.
    package func lines(_ count: Int) async throws -> [String] {
        do {
            return try await output.eventually(within: .seconds(20), "\(count) lines of the Python peer") {
                $0.count >= count
            }
        } catch {
            throw BrokerProcess.Failed(description: "\(error)\n\(errors.value.suffix(10).joined(separator: "\n"))")
        }
    }

    /// Writes to its input.
    package func write(_ text: String) { try? input.fileHandleForWriting.write(contentsOf: Data(text.utf8)) }

    /// Ends its input, which it takes as a goodbye, and waits until it has ended; its exit status.
    package func end() async throws -> Int32? {
        try? input.fileHandleForWriting.close()
        return try await hasEnded.eventually(within: .seconds(20), "the Python peer ends") { $0 != nil }
    }

    private static func pipe(to lines: Watched<[String]>) -> Foundation.Pipe {
        let pipe = Foundation.Pipe()
        ProcessOutput.read(pipe.fileHandleForReading) { found in lines.update { $0 += found } }
        return pipe
    }
}

extension PythonPeer {
    /// Whether tests that need a library run: it is there, or this is CI, where a missing one is a failure and no skip.
    package static func isExpected(_ library: String) -> Bool { has(library) || BrokerProcess.isCI }

    private static func has(_ library: String) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["-c", "import \(library)"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    /// The Python that has the libraries.
    static let python: String = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let ours = root.appendingPathComponent(".build/peers/bin/python").path
        return ProcessInfo.processInfo.environment["NEST_PEERS_PYTHON"] ?? ours
    }()
}

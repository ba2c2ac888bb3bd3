import Foundation

/// A real broker as a child process, on ports and in a folder of its own. It ends with the test process.
///
/// ```swift
/// let broker = BrokerProcess(program)
/// try await broker.start()      // returns when it serves
/// await broker.kill()           // as a machine that fails
/// try await broker.start()      // the same ports, the same data
/// ```
public final class BrokerProcess: Sendable {
    /// Why a broker does not run.
    public struct Failed: Error, Sendable, CustomStringConvertible {
        /// What was tried, and the last lines of its output.
        public let description: String
    }

    private struct Life: Sendable {
        /// Counts starts: what an earlier process says late is not heard.
        var number = 0
        var pid: Int32?
        var isReady = false
        var lines: [String] = []
    }

    /// Where its data and files are; removed when the broker goes.
    public let folder: String
    private let program: BrokerProgram
    private let life = Watched(Life())

    /// A broker that is not started.
    public init(_ program: BrokerProgram) {
        self.program = program
        folder = BrokerCleanUp.makeFolder(for: program.executable)
    }

    deinit {
        if let pid = life.value.pid { BrokerCleanUp.kill(pid) }
        BrokerCleanUp.remove(folder)
    }

    /// Whether a program is installed.
    public static func isInstalled(_ executable: String) -> Bool { path(of: executable) != nil }

    /// Whether tests that need a program run: it is installed, or this is CI (`CI` is set), where a missing broker is a
    /// failure and no skip.
    public static func isExpected(_ executable: String) -> Bool { isInstalled(executable) || isCI }

    package static var isCI: Bool {
        let value = ProcessInfo.processInfo.environment["CI"] ?? ""
        return !["", "0", "false"].contains(value)
    }

    /// True while it serves.
    public var isRunning: Bool { life.value.isReady }

    /// What it has written last.
    public var output: [String] { life.value.lines }

    /// Returns when what it has written last is as it should be. Throws ``TimeLimitExceeded`` when it is not in time.
    public func eventuallyWrites(
        within limit: Duration = .seconds(10), _ what: String, _ isMet: @escaping @Sendable ([String]) -> Bool
    ) async throws {
        try await life.eventually(within: limit, what) { isMet($0.lines) }
    }

    /// Starts it and returns when it serves. Does nothing when it runs.
    ///
    /// - Throws: ``Failed`` when it is not installed, ends, or does not serve within the limit.
    public func start(within limit: Duration = .seconds(30)) async throws {
        guard life.value.pid == nil else { return }
        try write()
        let number = try launch()
        let seen: Life
        do {
            seen = try await life.eventually(within: limit, "\(program.executable) serves") {
                $0.number != number || $0.isReady || $0.pid == nil
            }
        } catch let error as TimeLimitExceeded {
            await kill()
            throw failed("does not serve in time: \(error)")
        }
        if !seen.isReady { throw failed("has ended") }
    }

    /// Ends it as a machine that fails would, and returns when it is dead.
    public func kill() async { await end(SIGKILL) }

    /// Asks it to end, and returns when it has.
    public func stop() async { await end(SIGTERM) }

    /// Stops it where it stands: its sockets stay open, nothing answers. Returns when it stands.
    public func pause() {
        signal(SIGSTOP)
        guard let pid = life.value.pid else { return }
        var info = siginfo_t()
        _ = waitid(P_PID, id_t(pid), &info, WSTOPPED | WEXITED | WNOWAIT)
    }

    /// Lets it go on.
    public func resume() { signal(SIGCONT) }

    private func signal(_ signal: Int32) {
        if let pid = life.value.pid { BrokerCleanUp.send(signal, to: pid) }
    }

    private func end(_ number: Int32) async {
        signal(SIGCONT)
        signal(number)
        _ = try? await life.wait { $0.pid == nil }
    }

    private func failed(_ what: String) -> Failed {
        Failed(description: "\(program.executable) \(what)\n\(output.suffix(10).joined(separator: "\n"))")
    }
}

// MARK: - The process

extension BrokerProcess {
    private static func path(of executable: String) -> String? {
        if executable.contains("/") {
            return FileManager.default.isExecutableFile(atPath: executable) ? executable : nil
        }
        let named = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders = named.split(separator: ":").map { String($0) } + ["/usr/sbin"]
        return folders.map { "\($0)/\(executable)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    private func filled(_ text: String) -> String { text.replacingOccurrences(of: "{folder}", with: folder) }

    private func write() throws {
        for (name, text) in program.files {
            try filled(text).write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
        }
    }

    private func launch() throws -> Int {
        guard let path = Self.path(of: program.executable) else { throw failed("is not installed") }
        let number = life.update { life in
            life = Life(number: life.number + 1)
            return life.number
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = program.arguments.map(filled)
        process.environment = ProcessInfo.processInfo.environment.merging(program.environment.mapValues(filled)) { $1 }
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        ProcessOutput.read(output.fileHandleForReading) { [weak self] in self?.heard($0, number) }
        process.terminationHandler = { [weak self] process in
            BrokerCleanUp.ended(process.processIdentifier)
            self?.ended(number)
        }
        try process.run()
        BrokerCleanUp.began(process.processIdentifier)
        let pid = process.processIdentifier
        // It may have ended already.
        life.update { if $0.number == number, process.isRunning { $0.pid = pid } }
        return number
    }

    private func ended(_ number: Int) {
        life.update { life in
            guard life.number == number else { return }
            life.pid = nil
            life.isReady = false
        }
    }

    private func heard(_ lines: [String], _ number: Int) {
        life.update { life in
            guard life.number == number else { return }
            life.lines = (life.lines + lines).suffix(200)
            if lines.contains(where: { $0.contains(program.readyLine) }) { life.isReady = true }
        }
    }
}

import Foundation
import Logging
import NestCore
import Testing

@Suite("A secret") struct SecretTests {
    struct Failure: Error {}

    struct Options {
        var user = "me"
        var password = Secret.value("hunter2")
    }

    @Test("is never printed") func neverPrinted() async throws {
        let secret = Secret.value("hunter2")
        var dumped = ""
        dump(Options(), to: &dumped)
        let texts = [
            "\(secret)", String(describing: secret), String(reflecting: secret), "\(Options())",
            String(reflecting: Options()), "\(Optional(secret) as Any)", "\([secret])", dumped,
            "\(Logger.MetadataValue.stringConvertible(secret))",
        ]
        for text in texts {
            #expect(!text.contains("hunter2"))
            #expect(text.contains("***"))
        }
        #expect(Mirror(reflecting: secret).children.isEmpty)
        try await #expect(secret.value() == "hunter2")
    }

    @Test("is read from the environment") func environment() async throws {
        setenv("NEST_TEST_SECRET", "from outside", 1)
        try await #expect(Secret.environment("NEST_TEST_SECRET").value() == "from outside")
        let error = await #expect(throws: ApplicationError.self) {
            try await Secret.environment("NEST_TEST_NO_SUCH_SECRET").value()
        }
        #expect(error?.code == .secretUnavailable)
        #expect(error?.message == "the environment variable NEST_TEST_NO_SUCH_SECRET is not set")
    }

    @Test("in a file is read again at each use") func file() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("secret-\(UUID())")
        defer { try? FileManager.default.removeItem(at: file) }
        let secret = Secret.file(file.path)
        await #expect(code { _ = try await secret.value() } == .secretUnavailable)
        try Data("first\n".utf8).write(to: file)
        try await #expect(secret.value() == "first")
        try Data("second line\r\n".utf8).write(to: file)
        try await #expect(secret.value() == "second line")
        try Data([0x68, 0xFF]).write(to: file)
        let error = await #expect(throws: ApplicationError.self) { try await secret.value() }
        #expect(error?.message == "the secret's file \(file.path) is not UTF-8")
    }

    @Test("comes from a closure, called at each use") func closure() async throws {
        let journal = Journal()
        let secret = Secret.closure {
            journal.note("read")
            return "\(journal.count("read"))"
        }
        try await #expect(secret.value() == "1")
        try await #expect(secret.value() == "2")
        let failing = Secret.closure { throw Failure() }
        let error = await #expect(throws: ApplicationError.self) { try await failing.value() }
        #expect(error?.code == .secretUnavailable)
        #expect(error?.cause is Failure)
    }
}

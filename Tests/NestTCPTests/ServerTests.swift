import NIOCore
import NestTCP
import Testing

@Suite("TCP server: the wire") struct ServerTests {
    @Test(
        "answers a request under its id, by every kind of handler",
        arguments: ["echo", "echo.async", "yield", "blocking"])
    func answers(pattern: String) async throws {
        try await TestService.run { service in
            let peer = try await RawPeer.connect(to: service.port)
            try await peer.write(line(7, pattern, #"{"a":[1,2.50]}"#))
            #expect(try await peer.line() == #"{"id":"7","ok":true,"payload":{"a":[1,2.50]}}"#)
            try await peer.close()
        }
    }

    @Test("finds requests in packets that are split anywhere, and several in one")
    func packets() async throws {
        try await TestService.run { service in
            let peer = try await RawPeer.connect(to: service.port)
            let text = line(1, "echo", #""ü""#) + line(2, "echo", "2").replacing("\n", with: "\r\n")
            let bytes = Array(text.utf8)
            let channel = try await peer.channel
            for position in stride(from: 0, to: bytes.count, by: 3) {
                try await channel.writeAndFlush(ByteBuffer(bytes: bytes[position..<min(position + 3, bytes.count)]))
            }
            #expect(try await peer.line() == #"{"id":"1","ok":true,"payload":"ü"}"#)
            #expect(try await peer.line() == #"{"id":"2","ok":true,"payload":2}"#)
            try await peer.write((3...5).map { line($0, "echo", "\($0)") }.joined())
            for id in 3...5 { #expect(try await peer.line() == #"{"id":"\#(id)","ok":true,"payload":\#(id)}"#) }
            try await peer.close()
        }
    }

    @Test(
        "answers what it cannot understand and goes on",
        arguments: [
            (#"garbage"#, "0"), (#"{"id":"5","kind":"send"}"#, "5"),
            (#"{"id":5,"kind":"send","pattern":"echo","payload":1}"#, "0"),
            (#"{"kind":"send","pattern":"echo","payload":1}"#, "0"),
            (#"{"id":"9","kind":"nonsense","pattern":"x","payload":1}"#, "9"),
            (#"{"id":"1","kind":"send","pattern":"echo","payload":}"#, "1"), (#"[]"#, "0"), (#""#, "0"),
        ])
    func malformed(text: String, id: String) async throws {
        try await TestService.run { service in
            let peer = try await RawPeer.connect(to: service.port)
            try await peer.write(text + "\n")
            #expect(try await peer.line() == #"{"id":"\#(id)","ok":false,"error":{"message":"invalid request"}}"#)
            try await peer.write(line(2, "echo", "2"))
            #expect(try await peer.line() == #"{"id":"2","ok":true,"payload":2}"#)
            try await peer.close()
        }
    }

    @Test("an answer is one line, whatever its payload's is")
    func lineBreaks() async throws {
        try await TestService.run { service in
            let peer = try await RawPeer.connect(to: service.port)
            try await peer.write(line(1, "lines", "null"))
            #expect(try await peer.line() == #"{"id":"1","ok":true,"payload":[ 1,  2]}"#)
            try await peer.close()
        }
    }

    @Test("answers invalid UTF-8 as malformed")
    func invalidUTF8() async throws {
        try await TestService.run { service in
            let peer = try await RawPeer.connect(to: service.port)
            var bytes = ByteBuffer(string: #"{"id":"1","kind":"send","pattern":"echo","payload":""#)
            bytes.writeBytes([0xC3, 0x28])
            bytes.writeString("\"}\n")
            try await peer.channel.writeAndFlush(bytes)
            #expect(try await peer.line().contains(#""message":"invalid request""#))
            try await peer.close()
        }
    }

    @Test("says which pattern nobody serves, and carries code and details of a failure")
    func errors() async throws {
        try await TestService.run { service in
            let peer = try await RawPeer.connect(to: service.port)
            try await peer.write(line(1, "nobody", "1"))
            let unknown = "no microservice handler for pattern `nobody`"
            #expect(
                try await peer.line() == #"{"id":"1","ok":false,"error":{"message":"\#(unknown)","code":"no_handler"}}"#
            )
            try await peer.write(line(2, "fail", "1"))
            let failure = #"{"message":"not found","code":"not_found","details":{"code":404}}"#
            #expect(try await peer.line() == #"{"id":"2","ok":false,"error":\#(failure)}"#)
            try await peer.close()
        }
    }

    @Test("serves a last line without newline after a half-close, then closes")
    func halfClose() async throws {
        try await TestService.run { service in
            for pattern in ["echo", "echo.async", "yield"] {
                let peer = try await RawPeer.connect(to: service.port)
                try await peer.write(line(1, pattern, "1") + String(line(2, pattern, "2").dropLast()))
                try await peer.halfClose()
                let answers = try await peer.rest().split(separator: "\n").sorted()
                #expect(answers == (1...2).map { #"{"id":"\#($0)","ok":true,"payload":\#($0)}"# })
            }
        }
    }

    @Test("waits for handlers that still run when the peer half-closes")
    func halfCloseWaits() async throws {
        try await TestService.run { service in
            let peer = try await RawPeer.connect(to: service.port)
            try await peer.write(line(1, "gate", "1"))
            try await peer.halfClose()
            try await service.gate.waitUntil(entered: 1)
            service.gate.open()
            #expect(try await peer.rest() == #"{"id":"1","ok":true,"payload":1}"# + "\n")
        }
    }

    @Test("never answers an event")
    func events() async throws {
        try await TestService.run { service in
            let peer = try await RawPeer.connect(to: service.port)
            try await peer.write(line(1, "note", #""a""#, kind: "emit") + line(2, "unknown", "1", kind: "emit"))
            try await peer.write(line(3, "echo", "3"))
            #expect(try await peer.line() == #"{"id":"3","ok":true,"payload":3}"#)
            #expect(service.gate.events == ["a"])
            try await peer.close()
        }
    }

    @Test("runs 100 requests of one connection at once, answers in any order")
    func concurrentRequests() async throws {
        try await TestService.run { service in
            let peer = try await RawPeer.connect(to: service.port)
            try await peer.write((0..<100).map { line($0, "gate", "\($0)") }.joined() + line(100, "echo", "100"))
            #expect(try await peer.line() == #"{"id":"100","ok":true,"payload":100}"#)
            try await service.gate.waitUntil(entered: 100)
            service.gate.open()
            var seen: Set<String> = []
            for _ in 0..<100 { seen.insert(try await peer.line()) }
            #expect(seen == Set((0..<100).map { #"{"id":"\#($0)","ok":true,"payload":\#($0)}"# }))
            try await peer.close()
        }
    }

    @Test("cancels the handlers of a peer that is gone, but not its events")
    func disconnectCancels() async throws {
        try await TestService.run { service in
            let peer = try await RawPeer.connect(to: service.port)
            try await peer.write(line(1, "gate", "1") + line(2, "note.gate", #""kept""#, kind: "emit"))
            try await service.gate.waitUntil(entered: 2)
            try await peer.reset()
            try await service.gate.waitUntil(cancelled: 1)
            service.gate.open()
            try await service.gate.waitUntil(events: 1)
            #expect(service.gate.events == ["kept"])
        }
    }
}

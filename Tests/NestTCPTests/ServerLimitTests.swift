import NIOCore
import NestTCP
import Testing

@Suite("TCP server: limits") struct ServerLimitTests {
    @Test("answers a line over the limit and closes; what the peer goes on to send does not destroy the answer")
    func longLine() async throws {
        var options = TCPOptions(port: 0)
        options.maxFrameBytes = 64 << 10
        try await TestService.run(options) { service in
            let peer = try await RawPeer.connect(to: service.port)
            let flood = ByteBuffer(repeating: UInt8(ascii: "x"), count: 8 << 20)
            let channel = try await peer.channel
            channel.writeAndFlush(flood, promise: nil)
            let answer = try await peer.rest()
            #expect(answer == #"{"id":"0","ok":false,"error":{"message":"invalid request","code":"too_large"}}"# + "\n")
            let other = try await RawPeer.connect(to: service.port)
            try await other.write(line(1, "echo", "1"))
            #expect(try await other.line() == #"{"id":"1","ok":true,"payload":1}"#)
            try await other.close()
        }
    }

    @Test("answers with an error when a reply is longer than a line may be")
    func longReply() async throws {
        var options = TCPOptions(port: 0)
        options.maxFrameBytes = 1_024
        try await TestService.run(options) { service in
            let peer = try await RawPeer.connect(to: service.port)
            try await peer.write(line(1, "big", "2000"))
            let answer = try await peer.line()
            #expect(answer.hasPrefix(#"{"id":"1","ok":false"#) && answer.contains(#""code":"too_large""#))
            try await peer.close()
        }
    }

    @Test("handles no more messages of a connection at once than it may")
    func perConnection() async throws {
        var options = TCPOptions(port: 0)
        options.maxInFlightPerConnection = 3
        try await TestService.run(options) { service in
            let peer = try await RawPeer.connect(to: service.port)
            let other = try await RawPeer.connect(to: service.port)
            try await peer.write((0..<20).map { line($0, "gate", "\($0)") }.joined())
            try await service.gate.waitUntil(entered: 3)
            // Another connection is not held up.
            try await other.write(line(1, "yield", "1"))
            #expect(try await other.line() == #"{"id":"1","ok":true,"payload":1}"#)
            #expect(service.gate.inside == 3)
            service.gate.open()
            var ids: Set<String> = []
            for _ in 0..<20 { ids.insert(try await peer.line()) }
            #expect(ids.count == 20)
            #expect(service.gate.most <= 3)
            try await peer.close()
            try await other.close()
        }
    }

    @Test("handles no more bytes of a connection at once than it may, and always one message")
    func bytesPerConnection() async throws {
        var options = TCPOptions(port: 0)
        options.maxInFlightBytesPerConnection = 150_000
        try await TestService.run(options) { service in
            let peer = try await RawPeer.connect(to: service.port)
            let text = "\"\(String(repeating: "x", count: 40_000))\""
            let channel = try await peer.channel
            for id in 0..<20 { channel.writeAndFlush(ByteBuffer(string: line(id, "gate", text)), promise: nil) }
            try await service.gate.waitUntil(entered: 2)
            let other = try await RawPeer.connect(to: service.port)
            try await other.write(line(1, "yield", "1"))
            _ = try await other.line()
            service.gate.open()
            for _ in 0..<20 { #expect(try await peer.line().contains(#""ok":true"#)) }
            #expect(service.gate.most < 10)
            let huge = String(repeating: "x", count: 400_000)
            try await peer.write(line(21, "gate", "\"\(huge)\""))
            #expect(try await peer.line().count > 400_000)
            try await peer.close()
            try await other.close()
        }
    }

    @Test("handles no more messages at once than the server may, however many connections bring them")
    func perServer() async throws {
        try await TestService.run(maxInFlight: 3) { service in
            var peers: [RawPeer] = []
            for _ in 0..<8 { peers.append(try await RawPeer.connect(to: service.port)) }
            for peer in peers { try await peer.write((0..<5).map { line($0, "gate", "\($0)") }.joined()) }
            try await service.gate.waitUntil(entered: 3)
            service.gate.open()
            for peer in peers {
                var ids: Set<String> = []
                for _ in 0..<5 { ids.insert(try await peer.line()) }
                #expect(ids.count == 5)
                try await peer.close()
            }
            #expect(service.gate.most <= 3)
        }
    }

    @Test("refuses connections over the cap with an answer, and takes new ones when old ones go")
    func connectionCap() async throws {
        var options = TCPOptions(port: 0)
        options.maxConnections = 1
        try await TestService.run(options) { service in
            let first = try await RawPeer.connect(to: service.port)
            try await first.write(line(1, "echo", "1"))
            _ = try await first.line()
            let second = try await RawPeer.connect(to: service.port)
            let answer = try await second.rest()
            #expect(answer.hasPrefix(#"{"id":"0","ok":false"#) && answer.contains(#""code":"overloaded""#))
            try await first.halfClose()
            _ = try await first.rest()
            let third = try await RawPeer.connect(to: service.port)
            try await third.write(line(3, "echo", "3"))
            #expect(try await third.line() == #"{"id":"3","ok":true,"payload":3}"#)
            try await third.close()
        }
    }

    @Test("closes a connection without traffic, but not one whose handler runs")
    func idle() async throws {
        var options = TCPOptions(port: 0)
        options.idleTimeout = .seconds(4)
        try await TestService.run(options) { service in
            let busy = try await RawPeer.connect(to: service.port)
            try await busy.write(line(1, "gate", "1"))
            try await service.gate.waitUntil(entered: 1)
            let quiet = try await RawPeer.connect(to: service.port)
            #expect(try await quiet.rest() == "")
            service.gate.open()
            #expect(try await busy.line() == #"{"id":"1","ok":true,"payload":1}"#)
            #expect(try await busy.rest() == "")
        }
    }

    @Test("cuts a peer that begins a line and does not end it")
    func readTimeout() async throws {
        var options = TCPOptions(port: 0)
        options.readTimeout = .milliseconds(100)
        try await TestService.run(options) { service in
            let quiet = try await RawPeer.connect(to: service.port)
            let peer = try await RawPeer.connect(to: service.port)
            try await peer.write(line(1, "echo", "1") + "{")
            #expect(try await peer.rest() == #"{"id":"1","ok":true,"payload":1}"# + "\n")
            // One that has begun nothing stays.
            try await quiet.write(line(2, "echo", "2"))
            #expect(try await quiet.line() == #"{"id":"2","ok":true,"payload":2}"#)
            try await quiet.close()
        }
    }

    @Test("cuts a peer that takes nothing of its answers, and does not run its requests meanwhile")
    func slowReader() async throws {
        var options = TCPOptions(port: 0)
        options.writeTimeout = .milliseconds(200)
        try await TestService.run(options) { service in
            let peer = try await RawPeer.connect(to: service.port, receiveBuffer: 16 << 10)
            try await peer.stopReading()
            let channel = try await peer.channel
            for id in 0..<2_000 { channel.writeAndFlush(ByteBuffer(string: line(id, "big", "20000")), promise: nil) }
            let other = try await RawPeer.connect(to: service.port)
            try await other.write(line(1, "yield", "1"))
            #expect(try await other.line() == #"{"id":"1","ok":true,"payload":1}"#)
            try await channel.closeFuture.get()
            try await other.close()
        }
    }
}

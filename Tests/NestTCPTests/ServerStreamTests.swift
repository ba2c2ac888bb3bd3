import NestTCP
import Testing

@Suite("TCP server: streams") struct ServerStreamTests {
    private func item(_ id: Int, _ value: Int) -> String {
        #"{"id":"\#(id)","ok":true,"payload":\#(value),"more":true}"#
    }

    @Test("sends items as credit allows, then the end")
    func credit() async throws {
        try await TestService.run { service in
            let peer = try await RawPeer.connect(to: service.port)
            try await peer.write(line(1, "count", "5", headers: #""nest-stream":"2""#))
            #expect(try await peer.line() == item(1, 0))
            #expect(try await peer.line() == item(1, 1))
            // Nothing more without credit: the next answer is another request's.
            try await peer.write(line(2, "echo", "2"))
            #expect(try await peer.line() == #"{"id":"2","ok":true,"payload":2}"#)
            try await peer.write(#"{"id":"1","kind":"credit","count":10}"# + "\n")
            for value in 2..<5 { #expect(try await peer.line() == item(1, value)) }
            #expect(try await peer.line() == #"{"id":"1","ok":true}"#)
            try await peer.close()
        }
    }

    @Test("collects the items for a caller that did not ask for a stream")
    func collected() async throws {
        try await TestService.run { service in
            let peer = try await RawPeer.connect(to: service.port)
            try await peer.write(line(1, "count", "3"))
            #expect(try await peer.line() == #"{"id":"1","ok":true,"payload":[0,1,2]}"#)
            try await peer.close()
        }
    }

    @Test("ends with the error that the sequence throws")
    func failure() async throws {
        try await TestService.run { service in
            let peer = try await RawPeer.connect(to: service.port)
            try await peer.write(line(1, "broken", "null", headers: #""nest-stream":"9""#))
            #expect(try await peer.line() == item(1, 1))
            #expect(try await peer.line() == #"{"id":"1","ok":false,"error":{"message":"enough","code":"rejected"}}"#)
            try await peer.close()
        }
    }

    @Test("stops the sequence when its reader cancels, and when its reader is gone", arguments: [true, false])
    func cancel(politely: Bool) async throws {
        try await TestService.run { service in
            let peer = try await RawPeer.connect(to: service.port)
            try await peer.write(line(1, "endless", "null", headers: #""nest-stream":"9""#))
            #expect(try await peer.line() == item(1, 1))
            if politely {
                try await peer.write(#"{"id":"1","kind":"cancel"}"# + "\n")
                try await service.gate.waitUntil(events: 1)
                try await peer.write(line(2, "echo", "2"))
                #expect(try await peer.line() == #"{"id":"2","ok":true,"payload":2}"#)
            } else {
                try await peer.reset()
            }
            try await service.gate.waitUntil(events: 1)
        }
    }

    @Test("hears credit although as many streams are open as requests may run")
    func manyStreams() async throws {
        var options = TCPOptions(port: 0)
        options.maxInFlightPerConnection = 4
        try await TestService.run(options, maxInFlight: 2) { service in
            let peer = try await RawPeer.connect(to: service.port)
            for id in 1...4 {
                try await peer.write(line(id, "count", "2", headers: #""nest-stream":"1""#))
                #expect(try await peer.line() == item(id, 0))
            }
            try await peer.write(line(5, "count", "2", headers: #""nest-stream":"1""#))
            #expect(try await peer.line().contains(#""code":"overloaded""#))
            for id in 1...4 {
                try await peer.write(#"{"id":"\#(id)","kind":"credit","count":1}"# + "\n")
                #expect(try await peer.line() == item(id, 1))
                #expect(try await peer.line() == #"{"id":"\#(id)","ok":true}"#)
            }
            try await peer.close()
        }
    }

    @Test("a reader that closes its direction gets what it has granted, and the stream ends; its requests are answered")
    func halfClosedReader() async throws {
        try await TestService.run { service in
            let peer = try await RawPeer.connect(to: service.port)
            try await peer.write(
                line(1, "stubborn", "null", headers: #""nest-stream":"2""#) + line(2, "gate", "2")
                    + #"{"id":"1","kind":"credit","count":1}"# + "\n")
            try await service.gate.waitUntil(entered: 1)
            try await peer.halfClose()
            for number in 0..<3 { #expect(try await peer.line() == item(1, number)) }
            try await service.gate.waitUntil(events: 1)
            #expect(service.gate.events == ["terminated"])
            service.gate.open()
            #expect(try await peer.rest() == #"{"id":"2","ok":true,"payload":2}"# + "\n")
        }
    }

    @Test("a client that is closed with an open stream stops its sequence")
    func closedReader() async throws {
        try await TestService.run { service in
            var options = TCPOptions(port: service.port)
            options.streamWindow = 2
            let client = try ClientProxy(.tcp(options))
            var items = try await client.stream("stubborn", 0, of: Int.self).makeAsyncIterator()
            #expect(try await items.next() == 0)
            await client.close()
            try await service.gate.waitUntil(events: 1)
            #expect(service.gate.events == ["terminated"])
        }
    }

    @Test("a reader that grants much and reads nothing fills no memory")
    func greedyReader() async throws {
        try await TestService.run { service in
            let peer = try await RawPeer.connect(to: service.port, receiveBuffer: 16 << 10)
            try await peer.stopReading()
            try await peer.write(line(1, "texts", "null", headers: #""nest-stream":"1000000000""#))
            let other = try await RawPeer.connect(to: service.port)
            // The stream comes to a stop: its sequence is not pulled any more.
            try await service.gate.waitUntil(events: 100)
            var pulled = 0
            repeat {
                pulled = service.gate.events.count
                for id in 0..<200 {
                    try await other.write(line(id, "yield", "1"))
                    _ = try await other.line()
                }
            } while service.gate.events.count > pulled
            #expect(pulled < 100_000)
            try await other.close()
            try await peer.reset()
        }
    }
}

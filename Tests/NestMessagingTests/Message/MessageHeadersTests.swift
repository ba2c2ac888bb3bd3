import NestMessaging
import Testing

@Suite struct MessageHeadersTests {
    @Test func namesAreComparedWithoutRegardToCase() {
        var headers: MessageHeaders = ["Tenant": "a", "x": "1"]
        #expect(headers["tenant"] == "a" && headers["TENANT"] == "a" && headers["tenan"] == nil)
        headers["TENANT"] = "b"
        #expect(headers.count == 2 && headers["Tenant"] == "b")
        headers["tenant"] = nil
        #expect(headers.map(\.name) == ["x"])
        headers["missing"] = nil
        #expect(headers.count == 1)
    }

    @Test func onlyLettersDifferInCase() {
        let headers: MessageHeaders = ["a@b": "at", "a`b": "tick", "a[": "bracket", "a{": "brace"]
        #expect(headers.count == 4 && headers["a@b"] == "at" && headers["a`b"] == "tick")
        #expect(headers["a["] == "bracket" && headers["a{"] == "brace")
    }

    @Test func orderIsKeptAndLaterWins() {
        let headers = MessageHeaders([("b", "1"), ("a", "2"), ("B", "3")])
        #expect(headers.map(\.value) == ["3", "2"])
    }

    @Test func merging() {
        var headers: MessageHeaders = ["a": "1", "b": "2"]
        headers.merge(["B": "3", "c": "4"])
        #expect(headers["a"] == "1" && headers["b"] == "3" && headers["c"] == "4" && headers.count == 3)
        var none = MessageHeaders()
        none.merge(headers)
        #expect(none == headers)
    }

    /// A stranger's message of a megabyte: it must not hold an event loop for longer than one of the same size with one
    /// header. Searching a list for each of its names would take minutes.
    @Test(.timeLimit(.minutes(1))) func aHundredThousandHeadersAreGathered() {
        let many = (0..<100_000).map { ("h\($0)", "a") }
        let headers = MessageHeaders(many + [("H99999", "b"), ("h3", "c"), ("H17", "d")])
        #expect(headers.count == 100_000)
        #expect(headers["h99999"] == "b" && headers["H3"] == "c" && headers["h17"] == "d" && headers["h18"] == "a")
        #expect(headers.map(\.name)[16..<20] == ["h16", "H17", "h18", "h19"])
        var merged: MessageHeaders = ["H5": "mine", "own": "o"]
        merged.merge(headers)
        #expect(merged.count == 100_001 && merged["h5"] == "a" && merged["OWN"] == "o")
    }
}

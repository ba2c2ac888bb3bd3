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
}

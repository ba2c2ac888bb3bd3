import HTTPTypes
import Testing

@testable import NestHTTP

@Suite("Route tree") struct RouteTreeTests {
    private static let entries: [(path: String, method: HTTPRequest.Method)] = [
        ("/", .get), ("/a", .get), ("/a/:x", .get), ("/a/b", .post), ("/a/:x/c", .get), ("/a/b/:y", .put),
        ("/f/*rest", .get), ("/f/x/y", .post), ("/:p/:q/:r/:s", .get),
    ]
    private let tree = RouteTree<Int>(
        Self.entries.enumerated().map { number, entry in
            .init(path: RoutePath(entry.path), method: entry.method, value: number)
        })

    private func find(_ method: HTTPRequest.Method, _ path: String) -> String {
        switch tree.find(method, path[...]) {
        case .found(let value, let captures): "\(value) \(captures.joined(separator: ","))"
        case .missing(let allowed): "none " + allowed.map(\.rawValue).sorted().joined(separator: ",")
        }
    }

    @Test(
        "finds the most literal path that has the method",
        arguments: [
            ("/", "0 "), ("/a", "1 "), ("/a/", "1 "), ("/a/7", "2 7"), ("/a/b", "2 b"), ("/a/b/c", "4 b"),
            ("/f/x", "6 x"), ("/f/x/y", "6 x/y"), ("/f/x/y/z", "6 x/y/z"), ("/1/2/3/4", "8 1,2,3,4"),
            ("/a/b/c/d", "8 a,b,c,d"), ("", "none "), ("a", "none "), ("//", "0 "), ("/a//", "none "),
            ("/x", "none "),
        ])
    func paths(path: String, expected: String) { #expect(find(.get, path) == expected) }

    @Test("knows which methods a path would have")
    func allowed() {
        #expect(find(.delete, "/a/b") == "none GET,POST")
        #expect(find(.delete, "/a/b/c") == "none GET,PUT")
        #expect(find(.delete, "/f/x/y") == "none GET,POST")
        #expect(find(.head, "/a/7") == "2 7")
    }
}

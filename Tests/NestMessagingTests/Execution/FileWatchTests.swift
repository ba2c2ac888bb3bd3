import Foundation
import NIOCore
import NIOEmbedded
import NestTesting
import Testing

@testable import NestMessaging

@Suite struct FileWatchTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    private let loop = EmbeddedEventLoop()

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try write("one", "a")
        try write("two", "a")
    }

    private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    private func write(_ name: String, _ text: String) throws {
        try text.write(toFile: path(name), atomically: true, encoding: .utf8)
    }

    private func watch(_ changes: Watched<Int>) -> FileWatch {
        let watch = FileWatch([path("one"), path("two")], on: loop, every: .seconds(1))
        watch.start { _ = changes.increment() }
        return watch
    }

    private func pass(_ looks: Int) { loop.advanceTime(by: .seconds(Int64(looks))) }

    @Test func tellsEachChangeOnce() throws {
        let changes = Watched(0)
        let watch = watch(changes)
        pass(5)
        #expect(changes.value == 0)
        try write("two", "b")
        pass(1)
        #expect(changes.value == 0, "it may not be complete")
        pass(1)
        #expect(changes.value == 1)
        pass(5)
        #expect(changes.value == 1)
        watch.end()
    }

    @Test func waitsForAllFiles() throws {
        let changes = Watched(0)
        let watch = watch(changes)
        try FileManager.default.removeItem(atPath: path("one"))
        pass(5)
        #expect(changes.value == 0)
        try write("one", "b")
        pass(1)
        try write("two", "b")
        pass(1)
        #expect(changes.value == 0, "another one has just changed")
        pass(1)
        #expect(changes.value == 1)
        watch.end()
    }

    @Test func whatIsReadIsKnown() throws {
        let changes = Watched(0)
        let watch = watch(changes)
        try write("one", "b")
        watch.willRead()
        pass(3)
        #expect(changes.value == 0)
        watch.end()
        try write("one", "c")
        pass(3)
        #expect(changes.value == 0)
    }

    /// As Kubernetes mounts secrets: the name is a link into a folder that is exchanged.
    @Test func followsLinks() throws {
        try FileManager.default.createDirectory(atPath: path("v1"), withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: path("v2"), withIntermediateDirectories: true)
        try write("v1/secret", "a")
        try write("v2/secret", "b")
        try FileManager.default.createSymbolicLink(atPath: path("data"), withDestinationPath: "v1")
        let changes = Watched(0)
        let watch = FileWatch([path("data") + "/secret"], on: loop, every: .seconds(1))
        watch.start { _ = changes.increment() }
        pass(2)
        try FileManager.default.createSymbolicLink(atPath: path("next"), withDestinationPath: "v2")
        #expect(rename(path("next"), path("data")) == 0)
        pass(2)
        #expect(changes.value == 1)
        watch.end()
    }
}

import NestMessaging
import NestTesting
import Testing

@Suite struct IndicatorTests {
    @Test func memoryIsComparedWithItsBound() async throws {
        #if os(Linux)
            let enough = try await MemoryHealth(maxResident: .max).check()
            #expect(enough.state == .up)
            #expect(enough.details["resident_bytes"].flatMap { Int($0) }.map { $0 > 1 << 20 } == true)
            #expect(try await MemoryHealth(maxResident: 1).check().state == .down)
        #else
            #expect(try await MemoryHealth(maxResident: 1).check().state == .degraded)
        #endif
    }

    @Test func diskIsComparedWithItsBound() async throws {
        let enough = try await DiskHealth(path: "/", minFree: 0).check()
        #expect(enough.state == .up && enough.details["path"] == "/")
        #expect(enough.details["free_bytes"].flatMap { Int($0) } != nil)
        #expect(try await DiskHealth(path: "/", minFree: .max).check().state == .down)
        #expect(try await DiskHealth(path: "/no/such/folder", minFree: 0).check().state == .down)
    }

    @Test func theirNames() {
        #expect(MemoryHealth(maxResident: 1).name == "memory" && DiskHealth(path: "/", minFree: 1).name == "disk")
        #expect(DiskHealth("data", path: "/", minFree: 1).name == "data")
    }
}

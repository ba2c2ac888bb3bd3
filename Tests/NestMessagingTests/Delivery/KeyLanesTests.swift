import NestMessaging
import Testing

@Suite struct KeyLanesTests {
    private func taken(_ lanes: inout KeyLanes<String>) -> String? { lanes.takeFirst { _ in true } }

    @Test func withoutKeysItIsAQueue() {
        var lanes = KeyLanes<String>()
        for name in ["a", "b", "c"] { lanes.append(name, key: nil) }
        #expect(lanes.count == 3)
        #expect(taken(&lanes) == "a" && taken(&lanes) == "b" && taken(&lanes) == "c" && taken(&lanes) == nil)
        #expect(lanes.count == 0)
    }

    @Test func aKeyWaitsForItsLastElementAndOthersPass() {
        var lanes = KeyLanes<String>()
        lanes.append("k1", key: "k")
        lanes.append("k2", key: "k")
        lanes.append("l1", key: "l")
        #expect(taken(&lanes) == "k1" && taken(&lanes) == "l1" && taken(&lanes) == nil)
        #expect(lanes.count == 1)
        lanes.release(key: "k")
        lanes.append("k3", key: "k")
        #expect(taken(&lanes) == "k2" && taken(&lanes) == nil)
        lanes.release(key: "k")
        #expect(taken(&lanes) == "k3")
        lanes.release(key: "k")
        lanes.append("k4", key: "k")
        #expect(taken(&lanes) == "k4")
    }

    @Test func whatIsPutBackKeepsItsPlace() {
        var lanes = KeyLanes<String>()
        lanes.append("k1", key: "k")
        lanes.append("k2", key: "k")
        lanes.append("x", key: nil)
        #expect(taken(&lanes) == "k1")
        lanes.putBack("k1")
        #expect(lanes.count == 3)
        #expect(taken(&lanes) == "k1" && taken(&lanes) == "x" && taken(&lanes) == nil)
    }

    @Test func takesTheFirstThatFits() {
        var lanes = KeyLanes<String>()
        for name in ["a", "b", "c"] { lanes.append(name, key: nil) }
        #expect(lanes.takeFirst { $0 == "b" } == "b")
        #expect(lanes.takeFirst { $0 == "z" } == nil)
        #expect(taken(&lanes) == "a" && taken(&lanes) == "c")
    }

    @Test func everythingCanBeTakenOut() {
        var lanes = KeyLanes<String>()
        lanes.append("k1", key: "k")
        lanes.append("k2", key: "k")
        lanes.append("x", key: nil)
        _ = taken(&lanes)
        #expect(lanes.removeAll() == ["x", "k2"] && lanes.count == 0)
        lanes.append("k3", key: "k")
        #expect(taken(&lanes) == "k3")
    }

    @Test func whatFitsIsTakenOutAndOthersMoveUp() {
        var lanes = KeyLanes<String>()
        for name in ["k1", "k2", "k3", "l1", "l2"] { lanes.append(name, key: String(name.prefix(1))) }
        lanes.append("x", key: nil)
        #expect(taken(&lanes) == "k1")
        let out = lanes.remove {
            ["k2", "l1", "x"].contains($0)
        } key: {
            $0 == "x" ? nil : String($0.prefix(1))
        }
        #expect(out == ["l1", "x", "k2"] && lanes.count == 2)
        // The key of what was taken before is still held.
        #expect(taken(&lanes) == "l2" && taken(&lanes) == nil)
        lanes.release(key: "k")
        #expect(taken(&lanes) == "k3" && lanes.count == 0)
    }

    @Test func manyElementsKeepTheirOrder() {
        var queue = Fifo<Int>()
        var next = 0
        for number in 0..<10_000 {
            queue.append(number)
            guard number % 3 != 0 else { continue }
            #expect(queue.popFirst() == next)
            next += 1
        }
        #expect(queue.removeAll() == Array(next..<10_000))
    }
}

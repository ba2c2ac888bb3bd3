import Testing

@testable import NestMessaging

@Suite("A watermark") struct WatermarkTests {
    @Test("moves over what is done without a gap")
    func moves() {
        var mark = Watermark()
        for number in [3, 4, 7, 9] as [UInt64] { mark.begin(number) }
        #expect(mark.finish(4) == nil && mark.mark == nil)
        #expect(mark.finish(3) == 4)
        #expect(mark.finish(9) == nil)
        #expect(mark.finish(7) == 9 && mark.mark == 9 && mark.isEmpty)
    }

    @Test("keeps nothing of what it has passed")
    func bounded() {
        var mark = Watermark()
        for number in 0..<10_000 as Range<UInt64> {
            mark.begin(number)
            if number % 2 == 1 {
                #expect(mark.finish(number) == nil)
                #expect(mark.finish(number - 1) == number)
            }
        }
        #expect(mark.count == 0)
    }
}

import NIOCore

/// Commands as Redis reads them: arrays of texts. Trivial to write, so that nothing goes through C's memory.
extension ByteBuffer {
    /// Begins a command of so many arguments, its name among them.
    @inline(__always)
    mutating func beginCommand(_ count: Int) {
        writeInteger(UInt8(ascii: "*"))
        writeLine(count)
    }

    @inline(__always)
    mutating func writeArgument(_ text: StaticString) {
        beginArgument(text.utf8CodeUnitCount)
        writeStaticString(text)
        endLine()
    }

    @inline(__always)
    mutating func writeArgument(_ text: String) {
        beginArgument(text.utf8.count)
        writeString(text)
        endLine()
    }

    @inline(__always)
    mutating func writeArgument(_ bytes: ByteBuffer) {
        beginArgument(bytes.readableBytes)
        writeImmutableBuffer(bytes)
        endLine()
    }

    @inline(__always)
    mutating func writeArgument(_ bytes: UnsafeRawBufferPointer) {
        beginArgument(bytes.count)
        writeBytes(bytes)
        endLine()
    }

    @inline(__always)
    mutating func writeArgument(_ number: Int64) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            let count = Self.write(number, to: digits)
            beginArgument(count)
            writeBytes(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(digits)[..<count]))
        }
        endLine()
    }

    /// Begins an argument of so many bytes; they, and ``endLine()``, are to follow.
    @inline(__always)
    mutating func beginArgument(_ count: Int) {
        writeInteger(UInt8(ascii: "$"))
        writeLine(count)
    }

    @inline(__always)
    mutating func endLine() { writeInteger(UInt16(0x0D0A)) }

    @inline(__always)
    private mutating func writeLine(_ number: Int) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            let count = Self.write(Int64(number), to: digits)
            writeBytes(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(digits)[..<count]))
        }
        endLine()
    }

    /// Writes a number in digits, and returns how many bytes they are.
    @inline(__always)
    private static func write(_ number: Int64, to digits: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var (rest, count) = (number.magnitude, number < 0 ? 2 : 1)
        while rest >= 10 {
            rest /= 10
            count += 1
        }
        rest = number.magnitude
        for place in ((number < 0 ? 1 : 0)..<count).reversed() {
            digits[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        if number < 0 { digits[0] = UInt8(ascii: "-") }
        return count
    }

    /// Writes a command of texts.
    mutating func writeCommand(_ arguments: [String]) {
        beginCommand(arguments.count)
        for argument in arguments { writeArgument(argument) }
    }
}

/// One module of one application.
package struct ModuleHandle: Sendable, Hashable, CustomStringConvertible {
    /// Its place in the application's list of modules.
    let index: Int
    /// The type's name; further modules of the same type have a number behind it.
    package let name: String

    package var description: String { name }

    package static func == (left: ModuleHandle, right: ModuleHandle) -> Bool { left.index == right.index }

    package func hash(into hasher: inout Hasher) { hasher.combine(index) }
}

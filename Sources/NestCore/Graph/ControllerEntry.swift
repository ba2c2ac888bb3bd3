/// A controller of an application, before or after it is made.
package struct ControllerEntry: Sendable {
    package let type: any Injectable.Type
    package let module: ModuleHandle
    /// Made for each message or request, because it says so or because of what it depends on.
    package let isRequestScoped: Bool
    let record: Int
}

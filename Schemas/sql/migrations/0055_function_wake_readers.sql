-- It waits no more; the new one is made with the other functions.
DROP FUNCTION IF EXISTS hub.wake_readers(boolean);

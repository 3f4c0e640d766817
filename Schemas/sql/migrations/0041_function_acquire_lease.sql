-- Its result has another form now; the new one is made with the other functions.
DROP FUNCTION IF EXISTS hub.acquire_lease(text, integer);

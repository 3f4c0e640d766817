-- The days of 2024 to 2026 were held against the texts of the notices, as newspapers and Wikisource print them. The numbers of the first two notices stand
-- there too; that of the third was not found in print.
UPDATE hub.calendar
   SET basis = '国务院办公厅关于2024年部分节假日安排的通知（2023-10-25，国办发明电〔2023〕7号）、关于2025年部分节假日安排的通知（2024-11-12，国办发明电〔2024〕12号）、关于2026年部分节假日安排的通知（2025-11-04，文号按记忆录入）；日期已与刊载的通知全文核对'
 WHERE name = 'cn' AND basis LIKE '%未与原文核对';
